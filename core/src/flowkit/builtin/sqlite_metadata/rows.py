"""Records as rows of the tables, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from flowkit.builtin.sqlite_metadata.connection import Row
from flowkit.model.foreach_label import input_label
from flowkit.model.record import AttemptRecord, Metadatum, RunRecord, StepRecord, TaskRecord

__all__ = [
    "ATTEMPT_COLUMNS",
    "RUN_COLUMNS",
    "TASK_COLUMNS",
    "attempt_of",
    "attempt_row",
    "metadata_prefix",
    "run_of",
    "run_row",
    "step_of",
    "stored_label",
    "task_of",
    "task_row",
]

#: In the order of :func:`run_row`; the first two are the identity. Tags are in a table of their own.
RUN_COLUMNS = (
    "flow", "run_id", "username", "created_at", "status", "finished_at", "heartbeat_at", "origin_run_id", "datastore",
    "datastore_root", "code", "info",
)  # fmt: skip
#: In the order of :func:`task_row`; the first three are the identity. ``run`` is the run's row.
TASK_COLUMNS = (
    "run", "step", "task_id", "created_at", "ordinal", "status", "attempt", "finished_at", "manifest", "index_path",
    "frames", "iteration", "key", "parents", "origin_pathspec", "metadata", "input_label",
)  # fmt: skip
#: In the order of :func:`attempt_row`; the first four are the identity.
ATTEMPT_COLUMNS = (
    "run", "step", "task_id", "attempt", "status", "started_at", "finished_at", "manifest", "exit_code", "failure",
    "metadata",
)  # fmt: skip


def run_row(run: RunRecord) -> Row:
    """Values of RUN_COLUMNS."""
    return (
        run.flow, run.run_id, run.username, run.created_at, run.status, run.finished_at, run.heartbeat_at,
        run.origin_run_id, run.datastore, run.datastore_root, run.code, _dump(dict(run.info)),
    )  # fmt: skip


def run_of(row: Row) -> RunRecord:
    """From values of RUN_COLUMNS, then the user's tags and the system's, as JSON."""
    return RunRecord(
        flow=row[0],
        run_id=row[1],
        username=row[2],
        created_at=row[3],
        status=row[4],
        finished_at=row[5],
        heartbeat_at=row[6],
        origin_run_id=row[7],
        datastore=row[8],
        datastore_root=row[9],
        code=row[10],
        info=json.loads(row[11]),
        tags=tuple(json.loads(row[12])),
        system_tags=tuple(json.loads(row[13])),
    )


def step_of(flow: str, run_id: str, row: Row) -> StepRecord:
    """From a step's name and time."""
    return StepRecord(flow, run_id, row[0], row[1])


def task_row(run: int, task: TaskRecord) -> Row:
    """Values of TASK_COLUMNS."""
    return (
        run, task.step, task.task_id, task.created_at, task.ordinal, task.status, task.attempt, task.finished_at,
        task.manifest, task.index_path, _dump(task.frames), task.iteration, task.key, _dump(task.parents),
        task.origin_pathspec, _dump_metadata(task.metadata), stored_label(input_label(task)),
    )  # fmt: skip


def task_of(flow: str, run_id: str, row: Row) -> TaskRecord:
    """From values of TASK_COLUMNS."""
    return TaskRecord(
        flow=flow,
        run_id=run_id,
        step=row[1],
        task_id=row[2],
        created_at=row[3],
        ordinal=row[4],
        status=row[5],
        attempt=row[6],
        finished_at=row[7],
        manifest=row[8],
        index_path=row[9],
        frames=tuple(tuple(frame) for frame in _load(row[10])),
        iteration=row[11],
        key=row[12],
        parents=tuple(_load(row[13])),
        origin_pathspec=row[14],
        metadata=_load_metadata(row[15]),
    )


def attempt_row(run: int, attempt: AttemptRecord) -> Row:
    """Values of ATTEMPT_COLUMNS."""
    # A message may quote a file name that isn't valid text; the run must not fail for that.
    failure = attempt.failure.encode("utf-8", "backslashreplace").decode("utf-8")
    return (
        run, attempt.step, attempt.task_id, attempt.attempt, attempt.status, attempt.started_at, attempt.finished_at,
        attempt.manifest, attempt.exit_code, failure, _dump_metadata(attempt.metadata),
    )  # fmt: skip


def attempt_of(flow: str, run_id: str, row: Row) -> AttemptRecord:
    """From values of ATTEMPT_COLUMNS."""
    return AttemptRecord(
        flow=flow,
        run_id=run_id,
        step=row[1],
        task_id=row[2],
        attempt=row[3],
        status=row[4],
        started_at=row[5],
        finished_at=row[6],
        manifest=row[7],
        exit_code=row[8],
        failure=row[9],
        metadata=_load_metadata(row[10]),
    )


def _dump(value: object) -> str:
    # ASCII escapes keep what isn't valid UTF-8 (lone surrogates) storable.
    return json.dumps(value, separators=(",", ":")) if value else "{}" if isinstance(value, dict) else "[]"


def _load(text: str) -> Sequence[Any]:
    return () if text == "[]" else json.loads(text)


def _dump_metadata(metadata: Iterable[Metadatum]) -> str:
    return _dump([(m.field, m.value, m.type, m.created_at, m.attempt, m.tags) for m in metadata])


def stored_label(label: str | None) -> str:
    """How the item of a task's foreach is written in its column; empty if it isn't known."""
    return "" if label is None else json.dumps(label)


def metadata_prefix(field: str, value: str) -> str:
    """What the stored form of every metadatum with this field and value begins with."""
    return f"{_dump([field, value])[:-1]},"


def _load_metadata(text: str) -> tuple[Metadatum, ...]:
    return tuple(
        Metadatum(field, value, kind, created_at, attempt, tuple(tags))
        for field, value, kind, created_at, attempt, tags in _load(text)
    )
