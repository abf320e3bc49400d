"""Records of FlowKit's runs, written; each function works inside a caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flowkit.plugin import (
    AttemptRecord,
    MetadataError,
    Metadatum,
    RunRecord,
    StepRecord,
    TaskRecord,
    user_tags_of,
)
from flowkit_service.documents import document_of
from flowkit_service.storage.database import Transaction
from flowkit_service.storage.flows import add_flow
from flowkit_service.storage.tags import insert_tags
from flowkit_service.storage.text import dump, exact_form, storable

__all__ = ["apply", "create_run", "was_created"]

#: Columns hold these; the rest of a record is kept as a document.
_APART = {
    "run": ("flow", "run_id", "username", "created_at", "status", "finished_at", "heartbeat_at", "tags", "system_tags"),
    "task": ("flow", "run_id", "step", "task_id", "created_at", "ordinal", "status", "index_path"),
    "attempt": ("flow", "run_id", "step", "task_id", "attempt", "status"),
}
_INSERT_RUN = (
    "INSERT INTO runs (flow_id, run_id, user_name, ts_epoch, created_at, heartbeat_at, finished_at, status, tags, "
    "system_tags, token, record) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
    "ON CONFLICT (flow_id, run_id) DO NOTHING RETURNING id"
)
_UPDATE_RUN = (
    "UPDATE runs SET user_name = $1, ts_epoch = $2, created_at = $3, heartbeat_at = $4, finished_at = $5, "
    "status = $6, record = $7 WHERE flow_id = $8 AND run_id = $9 RETURNING id"
)
_STEP = (
    "INSERT INTO steps (run, step_name, user_name, ts_epoch, created_at) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (run, step_name) DO "
)
_TASK = (
    "INSERT INTO tasks (run, step_name, task_id, user_name, ts_epoch, created_at, ordinal, status, index_path, record) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (run, step_name, task_id) DO UPDATE SET "
    "ts_epoch = excluded.ts_epoch, created_at = excluded.created_at, ordinal = excluded.ordinal, "
    "status = excluded.status, index_path = excluded.index_path, record = excluded.record"
)
_ATTEMPT = (
    "INSERT INTO attempts (run, step_name, task_id, attempt, status, record) VALUES ($1, $2, $3, $4, $5, $6) "
    "ON CONFLICT (run, step_name, task_id, attempt) DO UPDATE SET status = excluded.status, record = excluded.record"
)
_FORGET_METADATA = "DELETE FROM metadata WHERE run = $1 AND step_name = $2 AND task_id = $3 AND abs(source) = $4"
_METADATUM = (
    "INSERT INTO metadata (run, step_name, task_id, source, field_name, value, exact, type, user_name, ts_epoch, tags, "
    "system_tags) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '[]')"
)
#: Where a row of metadata comes from: 0 the REST interface, 1 a task's record, and the attempts' records from here on.
#: Negative ones say how an attempt stands, for clients of the REST interface.
_FIRST_ATTEMPT = 2


async def create_run(transaction: Transaction, run: RunRecord, token: str | None) -> bool:
    """Record a run if its id is free. ``token`` is of one call: repeated, it finds its own run, and that is True."""
    tags = user_tags_of(run.tags, run.system_tags)
    system_tags = tuple(dict.fromkeys(run.system_tags))
    await add_flow(transaction, run.flow, run.username, _milliseconds(run.created_at))
    row = await transaction.fetch_one(
        _INSERT_RUN,
        run.flow, run.run_id, run.username, _milliseconds(run.created_at), run.created_at, run.heartbeat_at,
        run.finished_at, run.status, dump(tags), dump(system_tags), token, _rest("run", run),
    )  # fmt: skip
    if row is None:
        return await was_created(transaction, run, token)
    await insert_tags(transaction, row["id"], tags, system_tags)
    return True


async def was_created(transaction: Transaction, run: RunRecord, token: str | None) -> bool:
    """Whether a run is there, and a call with this token created it."""
    known = await transaction.fetch_one(
        "SELECT token FROM runs WHERE flow_id = $1 AND run_id = $2", run.flow, run.run_id
    )
    return token is not None and known is not None and known["token"] == token


async def apply(transaction: Transaction, changes: Iterable[Any]) -> None:
    """Record all changes; of two with one identity, the later counts.

    Raises
    ------
    MetadataError
        If a step, task or attempt is of a run that isn't recorded.
    TagError
        If a new run's tags are malformed.
    """
    steps: dict[Any, StepRecord] = {}
    tasks: dict[Any, TaskRecord] = {}
    attempts: dict[Any, AttemptRecord] = {}
    for change in changes:
        if isinstance(change, TaskRecord):
            tasks[change.flow, change.run_id, change.step, change.task_id] = change
        elif isinstance(change, AttemptRecord):
            attempts[change.flow, change.run_id, change.step, change.task_id, change.attempt] = change
        elif isinstance(change, StepRecord):
            steps[change.flow, change.run_id, change.step] = change
        else:
            await _write_run(transaction, change)
    rows = await _run_rows(transaction, [*steps.values(), *tasks.values(), *attempts.values()])
    await _write_steps(transaction, rows, list(steps.values()), list(tasks.values()))
    # In one order whoever writes, so that two transactions never wait for each other.
    await _write_tasks(transaction, rows, [tasks[key] for key in sorted(tasks)])
    await _write_attempts(transaction, rows, [attempts[key] for key in sorted(attempts)])


async def _write_run(transaction: Transaction, run: RunRecord) -> None:
    written = await transaction.fetch_one(
        _UPDATE_RUN,
        run.username, _milliseconds(run.created_at), run.created_at, run.heartbeat_at, run.finished_at, run.status,
        _rest("run", run), run.flow, run.run_id,
    )  # fmt: skip
    if written is None:
        await create_run(transaction, run, None)


async def _run_rows(transaction: Transaction, records: Sequence[Any]) -> dict[tuple[str, str], int]:
    rows: dict[tuple[str, str], int] = {}
    for record in records:
        identity = (record.flow, record.run_id)
        if identity not in rows:
            row = await transaction.fetch_one("SELECT id FROM runs WHERE flow_id = $1 AND run_id = $2", *identity)
            if row is None:
                raise MetadataError(
                    f"the run {record.flow}/{record.run_id} isn't recorded: record it before its step {record.step!r}"
                )
            rows[identity] = row["id"]
    return rows


async def _write_steps(
    transaction: Transaction, rows: dict[tuple[str, str], int], steps: list[StepRecord], tasks: list[TaskRecord]
) -> None:
    def values(record: Any) -> tuple[Any, ...]:
        run = rows[record.flow, record.run_id]
        return run, record.step, None, _milliseconds(record.created_at), record.created_at

    if steps:
        changes = "UPDATE SET ts_epoch = excluded.ts_epoch, created_at = excluded.created_at"
        await transaction.execute_many(_STEP + changes, map(values, steps))
    # A step is there as soon as it has a task, whether or not it was recorded by itself.
    first = {(task.flow, task.run_id, task.step): task for task in reversed(tasks)}
    if first:
        await transaction.execute_many(_STEP + "NOTHING", [values(task) for task in reversed(first.values())])


async def _write_tasks(transaction: Transaction, rows: dict[tuple[str, str], int], tasks: list[TaskRecord]) -> None:
    if not tasks:
        return
    metadata: list[tuple[tuple[Any, ...], Sequence[Metadatum]]] = []
    values: list[tuple[Any, ...]] = []
    for task in tasks:
        run = rows[task.flow, task.run_id]
        metadata.append(((run, task.step, task.task_id, 1), task.metadata))
        values.append(
            (
                run, task.step, task.task_id, None, _milliseconds(task.created_at), task.created_at, task.ordinal,
                task.status, task.index_path, _rest("task", task),
            )
        )  # fmt: skip
    await transaction.execute_many(_TASK, values)
    await _write_metadata(transaction, metadata)


async def _write_attempts(
    transaction: Transaction, rows: dict[tuple[str, str], int], attempts: list[AttemptRecord]
) -> None:
    if not attempts:
        return
    metadata: list[tuple[tuple[Any, ...], Sequence[Metadatum]]] = []
    values: list[tuple[Any, ...]] = []
    states: list[tuple[Any, ...]] = []
    for one in attempts:
        identity = (rows[one.flow, one.run_id], one.step, one.task_id)
        metadata.append(((*identity, _FIRST_ATTEMPT + one.attempt), one.metadata))
        states.extend(_state_rows(identity, one))
        values.append((*identity, one.attempt, one.status, _rest("attempt", one)))
    await transaction.execute_many(_ATTEMPT, values)
    await _write_metadata(transaction, metadata)
    await transaction.execute_many(_METADATUM, states)


async def _write_metadata(
    transaction: Transaction, metadata: Sequence[tuple[tuple[Any, ...], Sequence[Metadatum]]]
) -> None:
    await transaction.execute_many(_FORGET_METADATA, [source for source, _ in metadata])
    rows = [
        (
            *source, storable(entry.field), storable(entry.value), exact_form(entry.value), storable(entry.type), None,
            _milliseconds(entry.created_at), dump([f"attempt_id:{entry.attempt}", *entry.tags]),
        )
        for source, entries in metadata
        for entry in entries
    ]  # fmt: skip
    if rows:
        await transaction.execute_many(_METADATUM, rows)


def _state_rows(task: tuple[Any, ...], attempt: AttemptRecord) -> list[tuple[Any, ...]]:
    """What Metaflow's client would have said of an attempt that stands so."""
    tags = dump([f"attempt_id:{attempt.attempt}"])
    said = [("attempt", str(attempt.attempt), "attempt", attempt.started_at)]
    if attempt.status != "running":
        ended = attempt.finished_at if attempt.finished_at is not None else attempt.started_at
        said.append(("attempt_ok", str(attempt.status == "succeeded"), "internal_attempt_status", ended))
    source = -(_FIRST_ATTEMPT + attempt.attempt)
    return [(*task, source, field, value, None, kind, None, _milliseconds(at), tags) for field, value, kind, at in said]


def _rest(kind: str, record: Any) -> str:
    document = document_of(record)
    for name in _APART[kind]:
        del document[name]
    return dump(document)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
