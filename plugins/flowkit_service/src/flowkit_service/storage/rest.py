"""What clients of the REST interface create: runs, steps, tasks, metadata, artifacts, numbered if they have no name."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from flowkit.plugin import user_tags_of
from flowkit_service.reported import metadatum_of
from flowkit_service.storage.database import Row, Transaction
from flowkit_service.storage.listing import find_run, find_task
from flowkit_service.storage.tags import insert_tags
from flowkit_service.storage.text import dump, exact_form, storable

__all__ = ["add_artifacts", "add_metadata", "add_run", "add_step", "add_task", "beat", "find_step"]

_RUN = (
    "INSERT INTO runs (flow_id, run_id, user_name, ts_epoch, created_at, status, tags, system_tags) "
    "VALUES ($1, $2, $3, $4, $5, 'running', $6, $7) ON CONFLICT (flow_id, run_id) DO NOTHING RETURNING *"
)
_STEP = (
    "INSERT INTO steps (run, step_name, user_name, ts_epoch, created_at) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (run, step_name) DO NOTHING RETURNING *"
)
_TASK = (
    "INSERT INTO tasks (run, step_name, task_id, user_name, ts_epoch, created_at, ordinal, status, index_path) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, 'running', '') ON CONFLICT (run, step_name, task_id) DO NOTHING RETURNING *"
)
_METADATUM = (
    "INSERT INTO metadata (run, step_name, task_id, source, field_name, value, exact, type, user_name, ts_epoch, tags, "
    "system_tags) VALUES ($1, $2, $3, 0, $4, $5, $6, $7, $8, $9, $10, $11)"
)
_ARTIFACT = (
    "INSERT INTO artifacts (run, step_name, task_id, attempt_id, name, location, ds_type, sha, type, content_type, "
    "user_name, ts_epoch) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
    "ON CONFLICT (run, step_name, task_id, attempt_id, name) DO NOTHING RETURNING id"
)
_ARTIFACT_FIELDS = ("location", "ds_type", "sha", "type", "content_type", "user_name")


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


async def add_run(
    transaction: Transaction, flow: str, run_id: str | None, user: str | None, ts_epoch: int, tags: Any, system: Any
) -> Row | None:
    """Record a run; None if its id is taken. Raises TagError."""
    system_tags = tuple(dict.fromkeys(str(tag) for tag in system or ()))
    user_tags = user_tags_of(tags or (), system_tags)
    while True:
        row = await transaction.fetch_one(
            _RUN,
            flow,
            run_id if run_id is not None else str(await transaction.next_number()),
            user,
            ts_epoch,
            ts_epoch / 1000,
            dump(user_tags),
            dump(system_tags),
        )
        if row is not None:
            await insert_tags(transaction, row["id"], user_tags, system_tags)
        # A number may have been taken by a client that numbers its runs itself: the next one then.
        if row is not None or run_id is not None:
            return row


async def find_step(transaction: Transaction, flow: str, run_id: str, step: str) -> Row | None:
    """A step's row, with its run's names."""
    return await transaction.fetch_one(
        "SELECT steps.*, runs.flow_id, runs.run_id FROM steps JOIN runs ON runs.id = steps.run "
        "WHERE flow_id = $1 AND run_id = $2 AND step_name = $3",
        flow,
        run_id,
        step,
    )


async def add_step(transaction: Transaction, run: int, step: str, user: str | None, ts_epoch: int) -> Row | None:
    """Record a step; None if it was there."""
    return await transaction.fetch_one(_STEP, run, step, user, ts_epoch, ts_epoch / 1000)


async def add_task(
    transaction: Transaction, run: int, step: str, task_id: str | None, user: str | None, ts_epoch: int
) -> Row | None:
    """Record a task; None if its id is taken."""
    while True:
        number = await transaction.next_number()
        row = await transaction.fetch_one(
            _TASK, run, step, str(number) if task_id is None else task_id, user, ts_epoch, ts_epoch / 1000, number
        )
        if row is not None or task_id is not None:
            return row


async def add_metadata(transaction: Transaction, task: Row, entries: Sequence[Mapping[str, Any]], now: int) -> int:
    """Record what a client says of a task, and how the task stands by it. Returns how many entries there were."""
    rows = []
    status, ended = None, False
    for entry in entries:
        value = entry.get("value", " ")
        text = value if isinstance(value, str) else dump(value)
        tags = list(entry.get("tags") or ())
        rows.append(
            (
                task["run"], task["step_name"], task["task_id"], storable(str(entry.get("field_name", " "))),
                storable(text), exact_form(text), storable(str(entry.get("type", " "))), entry.get("user_name"),
                int(entry.get("ts_epoch") or now), dump(tags), dump(list(entry.get("system_tags") or ())),
            )
        )  # fmt: skip
        told = metadatum_of({**entry, "value": text})
        if told.field == "attempt_ok":
            status, ended = ("succeeded" if told.value == "True" else "failed"), True
        elif told.field == "attempt" and not ended:
            status = "running"
    await transaction.execute_many(_METADATUM, rows)
    if status is not None and not task["record"]:
        await transaction.execute("UPDATE tasks SET status = $1 WHERE id = $2", status, task["id"])
        if status == "succeeded" and task["step_name"] == "end":
            # Nothing else tells that a run of Metaflow's has ended.
            await transaction.execute(
                "UPDATE runs SET status = 'succeeded', finished_at = $1 WHERE id = $2 AND record IS NULL",
                now / 1000,
                task["run"],
            )
    return len(rows)


async def add_artifacts(transaction: Transaction, task: Row, entries: Sequence[Mapping[str, Any]], now: int) -> int:
    """Record artifacts of a task. Returns how many weren't there."""
    created = 0
    for entry in entries:
        texts = [None if entry.get(name) is None else str(entry[name]) for name in _ARTIFACT_FIELDS]
        row = await transaction.fetch_one(
            _ARTIFACT, task["run"], task["step_name"], task["task_id"], int(entry.get("attempt_id") or 0),
            str(entry.get("name", " ")), *texts, now,
        )  # fmt: skip
        created += row is not None
    return created


async def beat(transaction: Transaction, flow: str, run_id: str, task: tuple[str, str] | None, at: float) -> bool:
    """Record a sign of life of a run, and of one of its tasks (step and id). False if there is no such thing."""
    row = await find_run(transaction, flow, run_id)
    if row is None:
        return False
    await transaction.execute("UPDATE runs SET heartbeat_at = $1 WHERE id = $2 AND status = 'running'", at, row["id"])
    if task is None:
        return True
    found = await find_task(transaction, flow, run_id, *task)
    if found is None:
        return False
    await transaction.execute("UPDATE tasks SET heartbeat_at = $1 WHERE id = $2", at, found["id"])
    return True
