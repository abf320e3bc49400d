"""Statements that record runs, steps, tasks and attempts; each function works inside a caller's transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from flowkit.builtin.sqlite_metadata.rows import (
    ATTEMPT_COLUMNS,
    RUN_COLUMNS,
    TASK_COLUMNS,
    attempt_row,
    run_row,
    task_row,
)
from flowkit.errors import MetadataError
from flowkit.model.record import AttemptRecord, Change, RunRecord, StepRecord, TaskRecord
from flowkit.model.tag import user_tags_of

__all__ = ["apply", "find_run", "insert_run", "remove_run", "set_user_tags"]


def _upsert(table: str, columns: tuple[str, ...], identity: int) -> str:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns[identity:])
    return (
        f"INSERT INTO {table} ({names}) VALUES ({marks}) "  # noqa: S608 (constants)
        f"ON CONFLICT ({', '.join(columns[:identity])}) DO UPDATE SET {changes}"
    )


_RUN = f"INSERT INTO runs ({', '.join(RUN_COLUMNS)}) VALUES ({', '.join('?' * len(RUN_COLUMNS))})"  # noqa: S608
_RUN_CHANGES = f"UPDATE runs SET {', '.join(f'{column} = ?' for column in RUN_COLUMNS[2:])} WHERE id = ?"  # noqa: S608
_STEP = _upsert("steps", ("run", "step", "created_at"), 2)
_STEP_OF_TASK = "INSERT INTO steps (run, step, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_TASK = _upsert("tasks", TASK_COLUMNS, 3)
_ATTEMPT = _upsert("attempts", ATTEMPT_COLUMNS, 4)
_TAG = "INSERT INTO run_tags (run, tag, is_system, position) VALUES (?, ?, ?, ?)"


def apply(connection: sqlite3.Connection, changes: Iterable[Change]) -> None:
    """Record all changes; of two with one identity, the later counts.

    Raises
    ------
    MetadataError
        If a step, task or attempt is of a run that isn't recorded.
    TagError
        If a new run's tags are malformed.
    """
    steps: list[StepRecord] = []
    tasks: list[TaskRecord] = []
    attempts: list[AttemptRecord] = []
    for change in changes:
        if isinstance(change, TaskRecord):
            tasks.append(change)
        elif isinstance(change, AttemptRecord):
            attempts.append(change)
        elif isinstance(change, StepRecord):
            steps.append(change)
        else:
            _write_run(connection, change)
    runs = _RunRows(connection)
    connection.executemany(_STEP, [(runs.of(step), step.step, step.created_at) for step in steps])
    # A step is there as soon as it has a task, whether or not it was recorded by itself.
    named = {(task.flow, task.run_id, task.step): task for task in reversed(tasks)}.values()
    connection.executemany(_STEP_OF_TASK, [(runs.of(task), task.step, task.created_at) for task in named])
    connection.executemany(_TASK, [task_row(runs.of(task), task) for task in tasks])
    connection.executemany(_ATTEMPT, [attempt_row(runs.of(attempt), attempt) for attempt in attempts])


class _RunRows:
    """Rows of runs, looked up once in a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: dict[tuple[str, str], int] = {}

    def of(self, record: StepRecord | TaskRecord | AttemptRecord) -> int:
        identity = (record.flow, record.run_id)
        row = self._rows.get(identity)
        if row is None:
            row = find_run(self._connection, *identity)
            if row is None:
                raise MetadataError(
                    f"the run {record.flow}/{record.run_id} isn't recorded: record it before its step {record.step!r}"
                )
            self._rows[identity] = row
        return row


def find_run(connection: sqlite3.Connection, flow: str, run_id: str) -> int | None:
    """The run's row."""
    found = connection.execute("SELECT id FROM runs WHERE flow = ? AND run_id = ?", (flow, run_id)).fetchone()
    return None if found is None else int(found[0])


def insert_run(connection: sqlite3.Connection, run: RunRecord) -> None:
    """Record a run that isn't there, with its tags."""
    tags = user_tags_of(run.tags, run.system_tags)
    row = connection.execute(_RUN, run_row(run)).lastrowid
    system = [(row, tag, 1, position) for position, tag in enumerate(dict.fromkeys(run.system_tags))]
    connection.executemany(_TAG, [*system, *((row, tag, 0, position) for position, tag in enumerate(tags))])


def remove_run(connection: sqlite3.Connection, flow: str, run_id: str) -> bool:
    """Remove a run and all that refers to it; False if there is none."""
    row = find_run(connection, flow, run_id)
    if row is None:
        return False
    for table in ("attempts", "tasks", "steps", "run_tags"):
        connection.execute(f"DELETE FROM {table} WHERE run = ?", (row,))  # noqa: S608 (constants)
    connection.execute("DELETE FROM runs WHERE id = ?", (row,))
    return True


def set_user_tags(connection: sqlite3.Connection, row: int, tags: Iterable[str]) -> None:
    """Make ``tags`` the user tags of a run."""
    connection.execute("DELETE FROM run_tags WHERE run = ? AND is_system = 0", (row,))
    connection.executemany(_TAG, [(row, tag, 0, position) for position, tag in enumerate(tags)])


def _write_run(connection: sqlite3.Connection, run: RunRecord) -> None:
    row = find_run(connection, run.flow, run.run_id)
    if row is None:
        insert_run(connection, run)
    else:
        connection.execute(_RUN_CHANGES, (*run_row(run)[2:], row))
