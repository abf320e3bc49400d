"""What a run and all objects below it share: its record, its store, its graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from flowkit.client.display import did_you_mean
from flowkit.client.liveness import is_dead
from flowkit.client.source import Source, source_of
from flowkit.errors import DatastoreError, KeyNotFound, NotFound
from flowkit.model.artifact import ArtifactEntry, Manifest
from flowkit.model.collected import when_collected
from flowkit.model.record import Page, RunRecord, StepRecord, TaskRecord

if TYPE_CHECKING:
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.interfaces.datastore import Datastore
    from flowkit.interfaces.metadata_provider import MetadataProvider

__all__ = ["PARAMETERS_STEP", "PARAMETERS_TASK", "ReadAhead", "RunContext", "View"]

T = TypeVar("T")
#: The step and the task whose artifacts are what the run started from. No metadata provider records them.
PARAMETERS_STEP = "_parameters"
PARAMETERS_TASK = "0"


@attrs.frozen
class View:
    """Where an object reads, and which namespace its listings show."""

    #: ``provider@location``.
    metadata: str
    namespace: str | None

    @property
    def source(self) -> Source:
        """The open source."""
        return source_of(self.metadata)

    @property
    def reader(self) -> MetadataProvider:
        """The records."""
        return source_of(self.metadata).reader


class RunContext:
    """One run, read when it is first needed."""

    def __init__(self, view: View, flow: str, run_id: str, record: RunRecord | None = None) -> None:
        self.view = view
        self.flow = flow
        self.run_id = run_id
        self._record = record
        self._graph_info: Mapping[str, Any] | None = None
        self._store: tuple[Source, ArtifactStore] | None = None

    @property
    def record(self) -> RunRecord:
        """The run as it was last read: for what never changes. Raises NotFound."""
        return self._record if self._record is not None else self.read()

    def read(self) -> RunRecord:
        """The run as it now is. Raises NotFound."""
        record = self.view.reader.run(self.flow, self.run_id)
        if record is None:
            raise NotFound(f"there is no run {self.flow}/{self.run_id} in {self.view.metadata}: {self._latest()}")
        self._record = record
        return record

    def state(self) -> RunRecord:
        """The run, read again unless it had finished."""
        return self.read() if self._record is None or self._record.status == "running" else self._record

    @property
    def last_read(self) -> RunRecord | None:
        """The run as it was last read; None if it wasn't."""
        return self._record

    def keep(self, record: RunRecord) -> None:
        """Take over what was just read elsewhere."""
        self._record = record

    @property
    def is_dead(self) -> bool:
        """Whether it was left unfinished by a launching process that is gone."""
        return is_dead(self.state())

    @property
    def datastore(self) -> Datastore:
        """The run's own datastore."""
        return self.view.source.datastore(self.record)

    @property
    def store(self) -> ArtifactStore:
        """The run's own artifacts."""
        source = self.view.source
        # Finding the plugins that it is read with asks the file system, which would be once for each artifact.
        if self._store is None or self._store[0] is not source:
            self._store = source, source.store(self.record)
        return self._store[1]

    def step(self, name: str) -> StepRecord | None:
        """A step's record; None if there is none."""
        if name == PARAMETERS_STEP:
            task = self._parameters_task()
            return None if task is None else StepRecord(self.flow, self.run_id, name, task.created_at)
        steps = self.view.reader.steps(self.flow, self.run_id)
        return next((record for record in steps if record.step == name), None)

    def missing_step(self, name: str) -> str:
        """That there is no such step, and which there are."""
        if name == PARAMETERS_STEP:
            when = when_collected(self.record)
            why = f"not in {self.record.datastore_root}" if when is None else f"collected by flowkit gc on {when}"
            return f"has no step {name!r}: its parameters are {why}"
        steps = [one.step for one in self.view.reader.steps(self.flow, self.run_id) if not one.step.startswith("_")]
        return f"has no step {name!r} that ran; {did_you_mean(name, reversed(steps), 'steps')}"

    def task(self, step: str, task_id: str) -> TaskRecord | None:
        """A task's record; None if there is none."""
        if step == PARAMETERS_STEP:
            return self._parameters_task() if task_id == PARAMETERS_TASK else None
        return self.view.reader.task(self.flow, self.run_id, step, task_id)

    def _parameters_task(self) -> TaskRecord | None:
        """What stands for the record of ``_parameters/0``, from its manifest; None if that can't be read."""
        manifest = self.parameters()
        if manifest is None:
            return None
        created_at = manifest.started_at or self.record.created_at
        return TaskRecord(
            self.flow,
            self.run_id,
            PARAMETERS_STEP,
            PARAMETERS_TASK,
            created_at,
            ordinal=0,
            status="succeeded",
            finished_at=manifest.finished_at or created_at,
            manifest=self._parameters_key,
        )

    def manifest(self, key: str) -> Manifest | None:
        """A manifest; None if it isn't there."""
        try:
            return self.store.read_manifest(key)
        except KeyNotFound:
            return None

    def parameters(self) -> Manifest | None:
        """What the run started from; None if it can't be read."""
        return self.manifest(self._parameters_key)

    @property
    def _parameters_key(self) -> str:
        from flowkit.artifacts.layout import manifest_key

        return manifest_key(self.flow, self.run_id, PARAMETERS_STEP, PARAMETERS_TASK, 0)

    def shared_entry(self, name: str) -> ArtifactEntry | None:
        """An artifact that belongs to the run rather than to a task."""
        manifest = self.parameters()
        return None if manifest is None else manifest.artifacts.get(name)

    def graph_info(self) -> Mapping[str, Any]:
        """The flow's graph as it was when the run started; empty if it can't be read."""
        if self._graph_info is None:
            try:
                entry = self.shared_entry("_graph_info")
                self._graph_info = {} if entry is None else self.store.load(entry)
            except DatastoreError:
                self._graph_info = {}
        return self._graph_info or {}

    def next_steps(self, step: str) -> Sequence[str]:
        """Steps that the graph leads to from ``step``."""
        info = self.graph_info().get("steps", {}).get(step, {})
        return tuple(info.get("next", ()))

    def previous_steps(self, step: str) -> Sequence[str]:
        """Steps that lead to ``step``."""
        steps = self.graph_info().get("steps", {})
        return tuple(name for name, info in steps.items() if step in info.get("next", ()))

    @property
    def end_step(self) -> str:
        """Name of the flow's last step."""
        return str(self.graph_info().get("end_step") or "end")

    def _latest(self) -> str:
        latest = [run.run_id for run in self.view.reader.runs(self.flow, page=Page(limit=3)).items]
        return f"the latest are {', '.join(latest)}" if latest else f"{self.flow} has no runs there"


class ReadAhead(Generic[T]):
    """Objects that are probably read one after the other, fetched several at a time where that saves time.

    Parameters
    ----------
    keys
        In the order in which they will probably be asked for.
    fetch
        Gets the objects of some keys.
    width
        How many to get at once.
    """

    def __init__(self, keys: Iterable[str], fetch: Callable[[Sequence[str]], Mapping[str, T]], width: int) -> None:
        self._keys = list(keys)
        self._places: dict[str, int] | None = None
        self._fetch = fetch
        self._width = width
        self._ready: dict[str, T] = {}

    def get(self, key: str) -> T | None:
        """One object; None if it isn't there. It isn't kept."""
        if self._width > 1 and key not in self._ready:
            if self._places is None:
                self._places = {name: place for place, name in enumerate(self._keys)}
            place = self._places.get(key)
            if place is not None:
                self._ready = dict(self._fetch(self._keys[place : place + self._width]))
                return self._ready.pop(key, None)
        if key in self._ready:
            return self._ready.pop(key)
        return self._fetch([key]).get(key)
