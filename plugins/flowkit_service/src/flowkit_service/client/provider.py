"""The metadata provider ``service``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Self

from flowkit.plugin import (
    AttemptRecord,
    Change,
    ConfigurationError,
    MetadataError,
    MetadataProvider,
    Page,
    RunFilter,
    RunRecord,
    Settings,
    Slice,
    StepRecord,
    TaskFilter,
    TaskRecord,
    check_tag,
)
from flowkit_service.client.endpoint import Endpoint
from flowkit_service.client.own import OwnOperations
from flowkit_service.client.plain import PlainOperations
from flowkit_service.client.transport import Transport
from flowkit_service.errors import ServiceError
from flowkit_service.protocol import EXTENSION_HEADER

__all__ = ["ServiceMetadata"]

#: Seconds to wait for a service that is away, if SERVICE_PATIENCE doesn't say.
USUAL_PATIENCE = 300.0


class ServiceMetadata(MetadataProvider):
    """Runs, tasks and tags in a metadata service: FlowKit's, or Netflix's metaflow-service.

    Which of them it is, the service itself says when it is first asked.
    """

    name: ClassVar[str] = "service"
    can_delete_runs: ClassVar[bool] = True

    def __init__(self, endpoint: Endpoint, *, read_only: bool, patience: float | None = None) -> None:
        self.location = endpoint.url
        self._read_only = read_only
        # Who says how long to wait means an address that was never reached, too.
        self._transport = Transport(endpoint, USUAL_PATIENCE if patience is None else patience, patience)
        self._chosen: OwnOperations | PlainOperations | None = None

    @classmethod
    def open(cls, location: str, *, read_only: bool = False) -> Self:
        """The service at an address; where ``location`` is none, the configured one, or this machine's.

        Nothing is asked of the service yet.
        """
        settings = Settings.load()
        return cls(Endpoint.find(location, settings), read_only=read_only, patience=_patience(settings))

    def close(self) -> None:
        """Give back the connection."""
        self._transport.close()

    @property
    def _operations(self) -> OwnOperations | PlainOperations:
        if self._chosen is None:
            answer = self._transport.request("GET", "/ping")
            if not answer.is_good:
                raise ServiceError(
                    f"there is no metadata service at {self.location}: it answered {answer.status} to /ping; check "
                    "FLOWKIT_SERVICE_URL"
                )
            headers = {name.lower() for name in answer.headers}
            kind = OwnOperations if EXTENSION_HEADER.lower() in headers else PlainOperations
            self._chosen = kind(self._transport)
        return self._chosen

    @property
    def _writing(self) -> OwnOperations | PlainOperations:
        if self._read_only:
            raise MetadataError(f"{self.location} was opened for reading only")
        return self._operations

    # --- writing ---------------------------------------------------------------------------------------------------

    def write(self, changes: Iterable[Change]) -> None:
        """Record ``changes`` in one transaction."""
        if batch := list(changes):
            self._writing.write(batch)

    def create_run(self, run: RunRecord) -> bool:
        """Record a run if its id is free."""
        return self._writing.create_run(run)

    def heartbeat(self, flow: str, run_id: str, at: float) -> None:
        """Record a sign of life; once, as another follows."""
        self._writing.heartbeat(flow, run_id, at)

    def mutate_tags(self, flow: str, run_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> RunRecord:
        """Change a run's user tags atomically: remove, then add."""
        added, removed = list(map(check_tag, add)), list(map(check_tag, remove))
        return self._writing.mutate_tags(flow, run_id, added, removed)

    def delete_run(self, flow: str, run_id: str) -> bool:
        """Remove a run's records; Netflix's service can't."""
        return self._writing.delete_run(flow, run_id)

    # --- reading ---------------------------------------------------------------------------------------------------

    def flows(self) -> Sequence[str]:
        """Names of all flows that have runs, sorted."""
        return self._operations.flows()

    def run(self, flow: str, run_id: str) -> RunRecord | None:
        """One run."""
        return self._operations.run(flow, run_id)

    def runs(self, flow: str, where: RunFilter = RunFilter(), page: Page = Page()) -> Slice[RunRecord]:
        """Runs of a flow, by time of creation."""
        return self._operations.runs(flow, where, page)

    def runs_of_all_flows(self, where: RunFilter = RunFilter()) -> Iterator[RunRecord]:
        """Runs of every flow, newest first, page by page."""
        after: str | None = None
        while True:
            part = self._operations.runs(None, where, Page(after=after))
            yield from part.items
            if (after := part.next) is None:
                return

    def steps(self, flow: str, run_id: str) -> Sequence[StepRecord]:
        """Steps of a run, newest first."""
        return self._operations.steps(flow, run_id)

    def task(self, flow: str, run_id: str, step: str, task_id: str) -> TaskRecord | None:
        """One task."""
        return self._operations.task(flow, run_id, step, task_id)

    def tasks(self, flow: str, run_id: str, where: TaskFilter = TaskFilter(), page: Page = Page()) -> Slice[TaskRecord]:
        """Tasks of a run, by ordinal."""
        return self._operations.tasks(flow, run_id, where, page)

    def count_tasks(self, flow: str, run_id: str, where: TaskFilter = TaskFilter()) -> int:
        """How many tasks match."""
        return self._operations.count_tasks(flow, run_id, where)

    def attempts(self, flow: str, run_id: str, step: str, task_id: str) -> Sequence[AttemptRecord]:
        """All attempts of a task, first to last."""
        return self._operations.attempts(flow, run_id, step, task_id)


def _patience(settings: Settings) -> float | None:
    text = settings.get("SERVICE_PATIENCE")
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if seconds < 0:
        raise ConfigurationError(
            f"FLOWKIT_SERVICE_PATIENCE must be a number of seconds, and is {text!r} "
            f"({settings.source('SERVICE_PATIENCE')})"
        )
    return seconds
