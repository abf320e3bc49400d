"""Where runs, tasks and tags are recorded and found."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Generic, Self, TypeVar

import attrs

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

__all__ = ["MetadataProvider", "Slice"]

T = TypeVar("T")


@attrs.frozen
class Slice(Generic[T]):
    """One page of a listing, and where the next begins (None after the last)."""

    items: tuple[T, ...]
    next: str | None = None


class MetadataProvider(ABC):
    """Records of flows' runs. Contract: :class:`flowkit.testing.metadata.MetadataContract`.

    An object belongs to one process; a forked child opens its own. No call leaves a read transaction open.
    """

    api_version: ClassVar[int] = 1
    name: ClassVar[str]
    #: Whether :meth:`delete_run` does something.
    can_delete_runs: ClassVar[bool] = False

    #: File, folder or URL.
    location: str

    @classmethod
    @abstractmethod
    def open(cls, location: str, *, read_only: bool = False) -> Self:
        """Open the provider. A reader of something that doesn't exist yet sees it empty.

        Parameters
        ----------
        location
            What follows ``NAME@`` in ``--metadata NAME@LOCATION``. Where users give none, as in ``--metadata NAME``,
            the folder of local artifacts, ``.flowkit`` of the project: a provider that keeps nothing in a folder then
            takes its own setting, or refuses with a ConfigurationError that says what to give.

        Raises
        ------
        NewerFormatError
            If a newer FlowKit wrote it.
        """

    # --- writing ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def write(self, changes: Iterable[Change]) -> None:
        """Record ``changes`` in one transaction: after it returns any process reads all of them, else none.

        A record of the same identity (flow, run, step, task, attempt) is replaced; a run's tags and system
        tags are kept as they are in the store. Raises StorageFull, StorageReadOnly, MetadataError.
        """

    @abstractmethod
    def create_run(self, run: RunRecord) -> bool:
        """Record a run if its id is free in its flow; False, and nothing written, if it is taken."""

    @abstractmethod
    def heartbeat(self, flow: str, run_id: str, at: float) -> None:
        """Record a sign of life of a running run."""

    @abstractmethod
    def mutate_tags(self, flow: str, run_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> RunRecord:
        """Change a run's user tags atomically: remove, then add. Returns the run as it then is.

        Raises
        ------
        TagError
            If ``remove`` names a system tag (nothing is changed then).
        NotFound
            If there is no such run.
        """

    def delete_run(self, flow: str, run_id: str) -> bool:
        """Remove a run with its tags, steps, tasks and attempts, in one transaction; False if there is none.

        Raises
        ------
        MetadataError
            If the provider can't (``can_delete_runs`` is false), or the store refuses.
        """
        from flowkit.errors import MetadataError

        raise MetadataError(f"the metadata provider {self.name!r} can't remove records: keep them (--keep-records)")

    # --- reading ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def flows(self) -> Sequence[str]:
        """Names of all flows that have runs, sorted."""

    @abstractmethod
    def run(self, flow: str, run_id: str) -> RunRecord | None:
        """One run."""

    @abstractmethod
    def runs(self, flow: str, where: RunFilter = RunFilter(), page: Page = Page()) -> Slice[RunRecord]:
        """Runs of a flow, by time of creation. A tag filter matches user and system tags."""

    @abstractmethod
    def steps(self, flow: str, run_id: str) -> Sequence[StepRecord]:
        """Steps of a run that have tasks, newest first."""

    @abstractmethod
    def task(self, flow: str, run_id: str, step: str, task_id: str) -> TaskRecord | None:
        """One task."""

    @abstractmethod
    def tasks(self, flow: str, run_id: str, where: TaskFilter = TaskFilter(), page: Page = Page()) -> Slice[TaskRecord]:
        """Tasks of a run, by ordinal."""

    @abstractmethod
    def count_tasks(self, flow: str, run_id: str, where: TaskFilter = TaskFilter()) -> int:
        """How many tasks match."""

    @abstractmethod
    def attempts(self, flow: str, run_id: str, step: str, task_id: str) -> Sequence[AttemptRecord]:
        """All attempts of a task, first to last."""

    def find_tasks(self, flow: str, run_id: str, where: TaskSearch, page: Page = Page()) -> Slice[TaskRecord]:
        """Tasks of a run, by ordinal. A page may hold fewer tasks than its limit, also if it isn't the last.

        This reads pages of :meth:`tasks` and leaves out what doesn't match; a provider that can do better overrides it.
        """
        from flowkit.model.foreach_label import may_have_input

        known = {field.name: getattr(where, field.name) for field in attrs.fields(TaskFilter)}
        part = self.tasks(flow, run_id, TaskFilter(**known), page)
        found = (
            task
            for task in part.items
            if where.attempt in (None, task.attempt) and (where.input is None or may_have_input(task, where.input))
        )
        return Slice(tuple(found), part.next)

    def runs_of_all_flows(self, where: RunFilter = RunFilter()) -> Iterator[RunRecord]:
        """Runs of every flow, newest first, page by page.

        This merges the listings of all flows; a provider that can do better overrides it.
        """
        from heapq import merge

        listings = [self.all_runs(flow, where, limit=100) for flow in self.flows()]
        return merge(*listings, key=lambda run: -run.created_at)

    def close(self) -> None:
        """Give back connections. The object can't be used after."""
        return

    # --- for callers -----------------------------------------------------------------------------------------------

    def all_runs(self, flow: str, where: RunFilter = RunFilter(), *, limit: int = 1000) -> Iterator[RunRecord]:
        """Runs of a flow, newest first, by pages of ``limit``."""
        after: str | None = None
        while True:
            part = self.runs(flow, where, Page(limit, after))
            yield from part.items
            if (after := part.next) is None:
                return

    def all_tasks(
        self, flow: str, run_id: str, where: TaskFilter = TaskFilter(), *, newest_first: bool = True
    ) -> Iterator[TaskRecord]:
        """Tasks of a run, page by page."""
        after: str | None = None
        while True:
            part = self.tasks(flow, run_id, where, Page(after=after, newest_first=newest_first))
            yield from part.items
            if (after := part.next) is None:
                return

    def all_found_tasks(
        self, flow: str, run_id: str, where: TaskSearch, *, newest_first: bool = True
    ) -> Iterator[TaskRecord]:
        """Tasks that :meth:`find_tasks` finds, page by page."""
        after: str | None = None
        while True:
            part = self.find_tasks(flow, run_id, where, Page(after=after, newest_first=newest_first))
            yield from part.items
            if (after := part.next) is None:
                return
