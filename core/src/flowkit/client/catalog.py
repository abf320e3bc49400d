"""All flows."""

from __future__ import annotations

from collections.abc import Iterator

from flowkit.client.display import did_you_mean
from flowkit.client.flow import Flow, recorded_run
from flowkit.client.namespaces import get_namespace
from flowkit.client.run import Run
from flowkit.client.run_context import View
from flowkit.client.run_listing import When, list_runs
from flowkit.client.source import get_metadata
from flowkit.errors import ChildNotFound
from flowkit.model.record import RunStatus

__all__ = ["FlowKit"]


class FlowKit:
    """All flows that have runs in the namespace in force: ``for flow in FlowKit()``, ``FlowKit()["HelloFlow"]``."""

    def __init__(self) -> None:
        self._view = View(get_metadata(), get_namespace())

    @property
    def metadata(self) -> str:
        """Where it reads, as ``local@/data/project/.flowkit``."""
        return self._view.metadata

    @property
    def flows(self) -> list[Flow]:
        """Flows with runs in the namespace, by name."""
        return list(self)

    def runs(
        self,
        *tags: str,
        user: str | None = None,
        status: RunStatus | None = None,
        after: When | None = None,
        before: When | None = None,
    ) -> Iterator[Run]:
        """Runs of all flows, of the namespace, newest first, that meet all conditions.

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
        found = list_runs(self._view, None, tags, user=user, status=status, after=after, before=before)
        return (recorded_run(self._view, record) for record in found)

    def __iter__(self) -> Iterator[Flow]:
        for name in self._view.reader.flows():
            flow = Flow._at(self._view, (name,))
            if flow.is_in_namespace():
                yield flow

    def __getitem__(self, name: str) -> Flow:
        """The flow of that name.

        Raises
        ------
        ChildNotFound
            If there is none; it is a NotFound and a KeyError.
        NamespaceMismatch
            If it has no run in the namespace.
        """
        names = self._view.reader.flows()
        if name not in names:
            raise ChildNotFound(f"no flow {name!r} in {self._view.metadata}; {did_you_mean(name, names, 'flows')}")
        flow = Flow._at(self._view, (name,))
        flow._check()
        return flow

    def __contains__(self, name: object) -> bool:
        return name in self._view.reader.flows()

    def _ipython_key_completions_(self) -> list[str]:
        return [flow.id for flow in self]

    def __repr__(self) -> str:
        return f"FlowKit({self._view.metadata!r})"
