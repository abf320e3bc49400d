"""What started a run: events, and runs of other flows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from flowkit.client.run import Run

__all__ = ["Event", "Trigger"]


class Event(NamedTuple):
    """One event that started a run."""

    name: str
    #: Unique; for a run that ended, the pathspec of its last task.
    id: str
    #: When it happened, in local time.
    timestamp: datetime
    #: ``event``, or ``run`` for a run that ended.
    type: str


class Trigger:
    """The events that started a run, the latest first.

    Iterating gives the events; ``trigger["name"]`` is the event of that name, or, where runs are what started this
    one, the run of the flow of that name; ``in`` tells whether there is one.

    Parameters
    ----------
    events
        In any order.
    metadata
        ``provider@location`` where runs among them are recorded; None for what is in force.
    """

    def __init__(self, events: Sequence[Event], metadata: str | None = None) -> None:
        self._events = sorted(events, key=lambda event: event.timestamp, reverse=True)
        self._metadata = metadata

    @classmethod
    def of(cls, events: Sequence[Mapping[str, Any]], metadata: str | None = None) -> Trigger:
        """From the form in which runs are recorded."""
        made = [Event(one["name"], one["id"], datetime.fromtimestamp(one["timestamp"]), one["type"]) for one in events]
        return cls(made, metadata)

    @classmethod
    def from_runs(cls, run_objs: Sequence[Run]) -> Trigger:
        """As if these runs, which have ended, had started one."""
        events = []
        for run in run_objs:
            end = run.end_task
            if end is not None:
                name = f"flowkit.{run.path_components[0]}.{end.parent.id}"
                events.append(Event(name, end.pathspec, end.finished_at or run.created_at, "run"))
        return cls(events)

    @property
    def event(self) -> Event | None:
        """The latest event."""
        return self._events[0] if self._events else None

    @property
    def events(self) -> list[Event] | None:
        """All events, the latest first; None if there is none."""
        return list(self._events) or None

    @property
    def run(self) -> Run | None:
        """The latest run; None if no run is among the events."""
        runs = self.runs
        return runs[0] if runs else None

    @property
    def runs(self) -> list[Run] | None:
        """All runs, the latest first; None if there is none."""
        return [self._run_of(event) for event in self._events if event.type == "run"] or None

    def __getitem__(self, key: str) -> Run | Event:
        for event in self._events:
            if self._key(event) == key:
                return self._run_of(event) if event.type == "run" else event
        known = ", ".join(map(self._key, self._events)) or "none"
        raise KeyError(f"no event or run of {key!r} started this run; there are: {known}")

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def __contains__(self, key: object) -> bool:
        return any(self._key(event) == key for event in self._events)

    def __repr__(self) -> str:
        return f"Trigger({', '.join(event.id if event.type == 'run' else event.name for event in self._events)})"

    @staticmethod
    def _key(event: Event) -> str:
        return event.id.partition("/")[0] if event.type == "run" else event.name

    def _run_of(self, event: Event) -> Run:
        from flowkit.client.base import class_of
        from flowkit.client.run_context import View
        from flowkit.client.source import get_metadata

        # Whatever the namespace: what started a run may be another user's.
        run = cast("type[Run]", class_of("run"))
        return run._at(View(self._metadata or get_metadata(), None), tuple(event.id.split("/")[:2]))
