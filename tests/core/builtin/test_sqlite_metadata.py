"""The SQLite provider keeps the contract of all metadata providers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from flowkit.builtin.sqlite_metadata import SQLiteMetadata
from flowkit.model.record import TaskStatus
from flowkit.testing.metadata import MetadataContract


class TestSQLiteMetadata(MetadataContract):
    provider_class = SQLiteMetadata

    def raw_statuses(self, location: str) -> dict[str, TaskStatus]:
        with closing(sqlite3.connect(Path(location) / "metadata.db")) as connection:
            rows = connection.execute(
                "SELECT flow || '/' || run_id || '/' || step || '/' || task_id, tasks.status "
                "FROM tasks JOIN runs ON runs.id = tasks.run"
            )
            return dict(rows.fetchall())

    def raw_set_status(self, location: str, pathspec: str, status: TaskStatus) -> None:
        flow, run_id, step, task_id = pathspec.split("/")
        with closing(sqlite3.connect(Path(location) / "metadata.db")) as connection, connection:
            changed = connection.execute(
                "UPDATE tasks SET status = ? WHERE step = ? AND task_id = ? "
                "AND run = (SELECT id FROM runs WHERE flow = ? AND run_id = ?)",
                (status, step, task_id, flow, run_id),
            )
            assert changed.rowcount == 1
