"""The metadata provider ``local``."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Self, TypeVar

from flowkit.builtin.sqlite_metadata.connection import Connection, Row
from flowkit.builtin.sqlite_metadata.queries import (
    RUN_SELECT,
    TASK_SELECT,
    count_query,
    runs_query,
    tasks_query,
    token_of,
)
from flowkit.builtin.sqlite_metadata.rows import ATTEMPT_COLUMNS, attempt_of, run_of, step_of, task_of
from flowkit.builtin.sqlite_metadata.schema import WITH_INPUT_LABELS
from flowkit.builtin.sqlite_metadata.writing import apply, find_run, insert_run, remove_run, set_user_tags
from flowkit.errors import NotFound
from flowkit.interfaces.metadata_provider import MetadataProvider, Slice
from flowkit.model.record import (
    AttemptRecord,
    Change,
    Page,
    RunFilter,
    RunRecord,
    StepRecord,
    TaskFilter,
    TaskRecord,
    TaskSearch,
)
from flowkit.model.tag import changed_tags
from flowkit.settings import LOCAL_FOLDER, Settings

__all__ = ["SQLiteMetadata"]

T = TypeVar("T")

_FILE = "metadata.db"
_RUN = "run = (SELECT id FROM runs WHERE flow = ? AND run_id = ?)"
# Steps over the index from one flow's name to the next, rather than over all runs.
_FLOWS = (
    "WITH RECURSIVE names (flow) AS (SELECT MIN(flow) FROM runs "
    "UNION ALL SELECT (SELECT MIN(flow) FROM runs WHERE flow > names.flow) FROM names WHERE names.flow IS NOT NULL) "
    "SELECT flow FROM names WHERE flow IS NOT NULL ORDER BY flow"
)
_STEPS = f"SELECT step, created_at FROM steps WHERE {_RUN} ORDER BY created_at DESC, rowid DESC"  # noqa: S608
_ATTEMPTS = (
    f"SELECT {', '.join(ATTEMPT_COLUMNS)} FROM attempts WHERE {_RUN} AND step = ? AND task_id = ? "  # noqa: S608
    "ORDER BY attempt"
)


class SQLiteMetadata(MetadataProvider):
    """Runs, tasks and tags in one SQLite file.

    Several processes may read and write it at once. Write-ahead logging lets readers go on beside a writer; on a
    network filesystem, where that isn't possible, readers and writers wait for each other.
    """

    name: ClassVar[str] = "local"
    can_delete_runs: ClassVar[bool] = True

    def __init__(self, location: str, file: Path, *, read_only: bool, fsync: bool = False) -> None:
        self.location = location
        self._read_only = read_only
        self._opened = Connection(file, read_only=read_only, fsync=fsync)
        # A reader that was given a folder: the records may be in it, or turn up in its .flowkit.
        self._folder = file.parent if read_only and file.parent == Path(location) else None

    @classmethod
    def open(cls, location: str, *, read_only: bool = False) -> Self:
        """Open the file ``metadata.db`` in the folder ``location``, or the file that ``location`` names (``….db``).

        A reader may also name the folder that holds ``.flowkit``. Nothing is opened or made before it is needed.
        """
        path = Path(location).expanduser().absolute()
        fsync = not read_only and Settings.load().fsync
        provider = cls(str(path), path if path.suffix == ".db" else path / _FILE, read_only=read_only, fsync=fsync)
        provider._look_below()
        return provider

    def _look_below(self) -> None:
        """Go over to ``.flowkit`` once it is there, if the folder itself has no records by then."""
        folder = self._folder
        if folder is None:
            return
        if (folder / _FILE).exists():
            self._folder = None
        elif (folder / LOCAL_FOLDER).is_dir():
            self._folder = None
            self.location = str(folder / LOCAL_FOLDER)
            self._opened = Connection(folder / LOCAL_FOLDER / _FILE, read_only=self._read_only)

    @property
    def _connection(self) -> Connection:
        self._look_below()
        return self._opened

    @property
    def file(self) -> Path:
        """The database."""
        return self._connection.file

    def close(self) -> None:
        """Give back the connection."""
        self._connection.close()

    # --- writing ---------------------------------------------------------------------------------------------------

    def write(self, changes: Iterable[Change]) -> None:
        """Record ``changes`` in one transaction."""
        if batch := list(changes):
            self._connection.transact(lambda connection: apply(connection, batch))

    def create_run(self, run: RunRecord) -> bool:
        """Record a run if its id is free."""

        def work(connection: sqlite3.Connection) -> bool:
            if find_run(connection, run.flow, run.run_id) is not None:
                return False
            insert_run(connection, run)
            return True

        return self._connection.transact(work)

    def heartbeat(self, flow: str, run_id: str, at: float) -> None:
        """Record a sign of life; a run that has finished needs none."""
        statement = "UPDATE runs SET heartbeat_at = ? WHERE flow = ? AND run_id = ? AND status = 'running'"
        self._connection.transact(lambda connection: connection.execute(statement, (at, flow, run_id)))

    def mutate_tags(self, flow: str, run_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> RunRecord:
        """Change a run's user tags atomically: remove, then add."""
        added, removed = tuple(add), tuple(remove)

        def work(connection: sqlite3.Connection) -> RunRecord:
            row = find_run(connection, flow, run_id)
            if row is None:
                raise NotFound(f"there is no run {flow}/{run_id} in {self.file}")
            run = _run_at(connection, row)
            tags = changed_tags(run.tags, run.system_tags, add=added, remove=removed)
            if tags == run.tags:
                return run
            set_user_tags(connection, row, tags)
            return _run_at(connection, row)

        return self._connection.transact(work)

    def delete_run(self, flow: str, run_id: str) -> bool:
        """Remove a run and all that is recorded of it."""
        return self._connection.transact(lambda connection: remove_run(connection, flow, run_id))

    # --- reading ---------------------------------------------------------------------------------------------------

    def flows(self) -> Sequence[str]:
        """Names of all flows that have runs, sorted."""
        return [row[0] for row in self._connection.fetch(_FLOWS)]

    def run(self, flow: str, run_id: str) -> RunRecord | None:
        """One run."""
        rows = self._connection.fetch(f"{RUN_SELECT} WHERE flow = ? AND run_id = ?", (flow, run_id))
        return run_of(rows[0]) if rows else None

    def runs(self, flow: str, where: RunFilter = RunFilter(), page: Page = Page()) -> Slice[RunRecord]:
        """Runs of a flow, by time of creation; the limits of time themselves are left out."""
        return self._page(runs_query(flow, where, page), page, run_of)

    def steps(self, flow: str, run_id: str) -> Sequence[StepRecord]:
        """Steps of a run, newest first."""
        return [step_of(flow, run_id, row) for row in self._connection.fetch(_STEPS, (flow, run_id))]

    def task(self, flow: str, run_id: str, step: str, task_id: str) -> TaskRecord | None:
        """One task."""
        statement = f"{TASK_SELECT} WHERE {_RUN} AND step = ? AND task_id = ?"
        rows = self._connection.fetch(statement, (flow, run_id, step, task_id))
        return task_of(flow, run_id, rows[0]) if rows else None

    def tasks(self, flow: str, run_id: str, where: TaskFilter = TaskFilter(), page: Page = Page()) -> Slice[TaskRecord]:
        """Tasks of a run, by ordinal."""
        return self._page(tasks_query(flow, run_id, where, page), page, lambda row: task_of(flow, run_id, row))

    def find_tasks(self, flow: str, run_id: str, where: TaskSearch, page: Page = Page()) -> Slice[TaskRecord]:
        """Tasks of a run, by ordinal; the items of foreaches have an index."""
        if where.input is not None and self._connection.version() < WITH_INPUT_LABELS:
            return super().find_tasks(flow, run_id, where, page)
        return self.tasks(flow, run_id, where, page)

    def runs_of_all_flows(self, where: RunFilter = RunFilter()) -> Iterator[RunRecord]:
        """Runs of every flow, newest first."""
        after: str | None = None
        while True:
            page = Page(after=after)
            part = self._page(runs_query(None, where, page), page, run_of)
            yield from part.items
            if (after := part.next) is None:
                return

    def count_tasks(self, flow: str, run_id: str, where: TaskFilter = TaskFilter()) -> int:
        """How many tasks match."""
        rows = self._connection.fetch(*count_query(flow, run_id, where))
        return int(rows[0][0]) if rows else 0

    def attempts(self, flow: str, run_id: str, step: str, task_id: str) -> Sequence[AttemptRecord]:
        """All attempts of a task, first to last."""
        rows = self._connection.fetch(_ATTEMPTS, (flow, run_id, step, task_id))
        return [attempt_of(flow, run_id, row) for row in rows]

    def _page(self, query: tuple[str, list[object]], page: Page, decode: Callable[[Row], T]) -> Slice[T]:
        rows = self._connection.fetch(*query)
        following = token_of(rows[page.limit - 1]) if len(rows) > page.limit else None
        return Slice(tuple(map(decode, rows[: page.limit])), following)


def _run_at(connection: sqlite3.Connection, row: int) -> RunRecord:
    return run_of(connection.execute(f"{RUN_SELECT} WHERE id = ?", (row,)).fetchone())
