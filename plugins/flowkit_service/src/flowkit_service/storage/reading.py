"""Rows as FlowKit's records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import attrs

from flowkit.plugin import AttemptRecord, Metadatum, RunRecord, StepRecord, TaskRecord
from flowkit_service.documents import document_of, read_document
from flowkit_service.reported import attempts_from, is_internal_step, metadatum_of
from flowkit_service.storage.database import Row, Transaction
from flowkit_service.storage.listing import find_task
from flowkit_service.storage.text import dump

__all__ = ["attempts_of", "run_of", "steps_of", "task_texts", "tasks_of"]


def run_of(row: Row) -> RunRecord:
    """From a row of runs."""
    # What a client of the REST interface recorded has no document.
    document: dict[str, Any] = json.loads(row["record"]) if row["record"] else {"info": {"recorded_by": "metaflow"}}
    tags, system_tags = json.loads(row["tags"]), json.loads(row["system_tags"])
    document.update(
        flow=row["flow_id"],
        run_id=row["run_id"],
        username=row["user_name"] or "",
        created_at=row["created_at"],
        status=row["status"],
        finished_at=row["finished_at"],
        heartbeat_at=row["heartbeat_at"],
        tags=tags,
        system_tags=system_tags,
    )
    return read_document(RunRecord, document)


async def steps_of(transaction: Transaction, flow: str, run_id: str) -> list[StepRecord]:
    """Steps of a run, newest first."""
    rows = await transaction.fetch(
        "SELECT step_name, steps.created_at FROM steps JOIN runs ON runs.id = steps.run "
        "WHERE flow_id = $1 AND run_id = $2 ORDER BY steps.created_at DESC, steps.id DESC",
        flow,
        run_id,
    )
    return [
        StepRecord(flow, run_id, row["step_name"], row["created_at"])
        for row in rows
        if not is_internal_step(row["step_name"])
    ]


async def task_texts(transaction: Transaction, rows: Sequence[Row]) -> list[str]:
    """From rows of tasks of one run, as JSON: what is kept as a document needn't be read and written again."""
    foreign = {id(row): row for row in rows if not row["record"]}
    read = dict(zip(foreign, await tasks_of(transaction, list(foreign.values())), strict=True)) if foreign else {}
    return [dump(document_of(read[id(row)])) if id(row) in read else _task_text(row) for row in rows]


def _task_text(row: Row) -> str:
    apart = {
        "flow": row["flow_id"],
        "run_id": row["run_id"],
        "step": row["step_name"],
        "task_id": row["task_id"],
        "created_at": row["created_at"],
        "ordinal": row["ordinal"],
        "status": row["status"],
        "index_path": row["index_path"],
    }
    return f"{dump(apart)[:-1]},{row['record'][1:]}"


async def tasks_of(transaction: Transaction, rows: Sequence[Row]) -> list[TaskRecord]:
    """From rows of tasks of one run."""
    foreign = [row for row in rows if not row["record"]]
    metadata = await _metadata_of(transaction, foreign) if foreign else {}
    tasks: list[TaskRecord] = []
    for row in rows:
        identity = (row["flow_id"], row["run_id"], row["step_name"], row["task_id"])
        if row["record"]:
            document: dict[str, Any] = json.loads(row["record"])
        else:
            own = metadata.get(identity[2:], [])
            ended = [entry.created_at for entry in own if entry.field == "attempt_ok"]
            document = {
                "attempt": max((entry.attempt for entry in own), default=0),
                "finished_at": max(ended, default=None) if row["status"] != "running" else None,
                "metadata": [],
            }
        document.update(
            zip(("flow", "run_id", "step", "task_id"), identity, strict=True),
            created_at=row["created_at"],
            ordinal=row["ordinal"],
            status=row["status"],
            index_path=row["index_path"],
        )
        task = read_document(TaskRecord, document)
        if not row["record"]:
            task = attrs.evolve(task, metadata=tuple(metadata.get(identity[2:], [])))
        tasks.append(task)
    return tasks


async def attempts_of(transaction: Transaction, flow: str, run_id: str, step: str, task_id: str) -> list[AttemptRecord]:
    """All attempts of a task, first to last."""
    rows = await transaction.fetch(
        "SELECT attempts.* FROM attempts JOIN runs ON runs.id = attempts.run "
        "WHERE flow_id = $1 AND run_id = $2 AND step_name = $3 AND task_id = $4 ORDER BY attempt",
        flow,
        run_id,
        step,
        task_id,
    )
    if rows:
        apart = {"flow": flow, "run_id": run_id, "step": step, "task_id": task_id}
        return [
            read_document(
                AttemptRecord,
                {**json.loads(row["record"]), **apart, "attempt": row["attempt"], "status": row["status"]},
            )
            for row in rows
        ]
    task = await find_task(transaction, flow, run_id, step, task_id)
    if task is None or task["record"]:
        return []
    metadata = await _metadata_of(transaction, [task])
    return attempts_from((flow, run_id, step, task_id), task["created_at"], metadata.get((step, task_id), []))


async def _metadata_of(transaction: Transaction, tasks: Sequence[Row]) -> dict[tuple[str, str], list[Metadatum]]:
    ids = sorted({task["task_id"] for task in tasks})
    marks = ", ".join(f"${number}" for number in range(2, len(ids) + 2))
    rows = await transaction.fetch(
        f"SELECT * FROM metadata WHERE run = $1 AND task_id IN ({marks}) ORDER BY id",  # noqa: S608 (marks)
        tasks[0]["run"],
        *ids,
    )
    found: dict[tuple[str, str], list[Metadatum]] = {}
    for row in rows:
        entry = {**dict(row), "tags": json.loads(row["tags"])}
        found.setdefault((row["step_name"], row["task_id"]), []).append(metadatum_of(entry))
    return found
