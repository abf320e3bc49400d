"""Flows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar

from flowkit.client.base import Container, local_time
from flowkit.client.display import did_you_mean
from flowkit.client.run import Run
from flowkit.client.run_context import RunContext, View
from flowkit.client.run_listing import When, list_runs
from flowkit.errors import NamespaceMismatch, NotFound
from flowkit.ids import Kind
from flowkit.model.record import Page, RunFilter, RunRecord, RunStatus

__all__ = ["Flow", "recorded_run"]


def recorded_run(view: View, record: RunRecord) -> Run:
    """The run of a record that was just read."""
    return Run._at(view, (record.flow, record.run_id), _run=RunContext(view, record.flow, record.run_id, record))


class Flow(Container[Run]):
    """A flow that has been run: its runs, newest first.

    >>> from flowkit import Flow
    >>> Flow("HelloFlow").latest_run.successful  # doctest: +SKIP
    True
    """

    kind: ClassVar[Kind] = "flow"

    def _check(self) -> None:
        reader = self._view.reader
        if self._latest() is not None:
            return
        newest = reader.runs(self.id, page=Page(limit=1)).items
        if not newest:
            hint = did_you_mean(self.id, reader.flows(), "flows")
            raise NotFound(f"there is no flow {self.id!r} in {self._view.metadata}: {hint}")
        raise NamespaceMismatch(
            f"{self} has no run in the namespace {self._view.namespace!r}; the latest one was started by "
            f"{newest[0].username}: namespace(None) shows all runs"
        )

    # --- runs ------------------------------------------------------------------------------------------------------

    def runs(
        self,
        *tags: str,
        user: str | None = None,
        status: RunStatus | None = None,
        after: When | None = None,
        before: When | None = None,
    ) -> Iterator[Run]:
        """Runs of the namespace, newest first, that meet all conditions.

        Parameters
        ----------
        tags
            The run must have all of them.
        user
            Who started it.
        status
            ``running``, ``succeeded`` or ``failed``, as it is shown: a run whose launching process is gone has failed.
        after, before
            When it was started: a moment, in local time if it has no zone; the beginning of a day; or how long ago, as
            ``timedelta(days=7)``.
        """
        found = list_runs(self._view, self.id, tags, user=user, status=status, after=after, before=before)
        return map(self._run, found)

    def __iter__(self) -> Iterator[Run]:
        return self.runs()

    @property
    def latest_run(self) -> Run | None:
        """The newest run of the namespace, finished or not; None if there is none."""
        record = self._latest()
        return None if record is None else self._run(record)

    @property
    def latest_successful_run(self) -> Run | None:
        """The newest run of the namespace that succeeded; None if there is none."""
        record = self._latest("succeeded")
        return None if record is None else self._run(record)

    def _find(self, name: str) -> Run | None:
        record = self._view.reader.run(self.id, name)
        if record is None:
            return None
        return self._run(record)

    def __getitem__(self, name: str) -> Run:
        """The run of that id.

        Raises
        ------
        NamespaceMismatch
            If it isn't in the namespace that this object was made in.
        ChildNotFound
            If there is none; it is a KeyError, too.
        """
        run = super().__getitem__(name)
        run._check()
        return run

    def _missing(self, name: str) -> str:
        known = [record.run_id for record in self._view.reader.runs(self.id, page=Page(limit=5)).items]
        return f"{self} has no run {name!r}; the latest are {', '.join(known) or 'none'}"

    def _run(self, record: RunRecord) -> Run:
        return recorded_run(self._view, record)

    def _latest(self, status: RunStatus | None = None) -> RunRecord | None:
        where = RunFilter(tags=self._tags(), status=status)
        items = self._view.reader.runs(self.id, where, Page(limit=1)).items
        return items[0] if items else None

    def _tags(self, *tags: str) -> tuple[str, ...]:
        return tags if self._view.namespace is None else (self._view.namespace, *tags)

    # --- what all objects have -------------------------------------------------------------------------------------

    @property
    def parent(self) -> None:
        """None: a flow is in nothing."""
        return

    @property
    def created_at(self) -> datetime:
        """When its first run was started. Raises NotFound if it has none any more."""
        oldest = self._view.reader.runs(self.id, page=Page(limit=1, newest_first=False)).items
        if not oldest:
            raise NotFound(f"there is no flow {self.id!r} in {self._view.metadata} any more")
        return local_time(oldest[0].created_at)

    @property
    def tags(self) -> frozenset[str]:
        """None: only runs have tags."""
        return frozenset()

    user_tags = tags
    system_tags = tags

    @property
    def origin_pathspec(self) -> None:
        """None: only what a resumed run holds is a copy."""
        return

    def is_in_namespace(self) -> bool:
        """Whether it has a run in the namespace that this object was made in."""
        return self._latest() is not None
