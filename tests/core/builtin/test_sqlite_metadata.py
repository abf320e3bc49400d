"""The SQLite provider keeps the contract of all metadata providers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from flowkit.builtin.sqlite_metadata import SQLiteMetadata
from flowkit.builtin.sqlite_metadata.queries import runs_query, tasks_query
from flowkit.model.record import Page, RunFilter, TaskSearch, TaskStatus
from flowkit.testing.metadata import MetadataContract
from flowkit.testing.metadata_samples import a_run


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


def test_searches_go_by_an_index(tmp_path: Path) -> None:
    """However many tasks and runs there are, those that don't match aren't looked at."""
    provider = SQLiteMetadata.open(str(tmp_path))
    provider.create_run(a_run())
    searches = {
        "tasks_by_input": tasks_query("TestFlow", "1", TaskSearch(step="work", input="a"), Page()),
        "runs_of_all_flows": runs_query(None, RunFilter(), Page()),
        "runs_by_user": runs_query(None, RunFilter(username="ann"), Page()),
        "runs_by_status": runs_query(None, RunFilter(status="failed"), Page()),
    }
    with closing(sqlite3.connect(provider.file)) as connection:
        for index, (statement, values) in searches.items():
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert any(f"INDEX {index} " in line or line.endswith(f"INDEX {index}") for line in plan), plan
    provider.close()
