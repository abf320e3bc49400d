"""Tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, cast

from flowkit.client.base import Container, local_time
from flowkit.client.data_artifact import DataArtifact
from flowkit.client.display import did_you_mean
from flowkit.client.failure import TaskFailure
from flowkit.client.fields import Metadata, fields_of
from flowkit.client.flow_module import FlowModule, searching_beside
from flowkit.client.logs import lines_of, size_of, text_of
from flowkit.client.relatives import children_of, parents_of
from flowkit.client.run_context import RunContext
from flowkit.client.run_source import RunSource
from flowkit.client.stored_task import StoredTask
from flowkit.client.task_artifacts import TaskArtifacts
from flowkit.client.task_code import TaskCode
from flowkit.client.task_data import TaskData
from flowkit.errors import ArtifactError, NotFound
from flowkit.ids import Kind
from flowkit.model.artifact import ArtifactEntry
from flowkit.model.log import Stream
from flowkit.model.record import TaskRecord

if TYPE_CHECKING:
    from flowkit.client.step import Step

__all__ = ["Task"]


class Task(StoredTask, Container[DataArtifact]):
    """One task of a step: its artifacts, output and metadata.

    Iterating gives its artifacts, without those whose names begin with an underscore; indexing gives any.

    Parameters
    ----------
    pathspec
        ``Flow/run/step/task``.
    attempt
        Shows this attempt, from 0, also if it failed. None shows the latest, with artifacts only if it succeeded.
    """

    kind: ClassVar[Kind] = "task"

    def __init__(self, pathspec: str, attempt: int | None = None) -> None:
        super().__init__(pathspec, _attempt=attempt)

    # --- artifacts -------------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[DataArtifact]:
        manifest = self._stored()
        for name, entry in manifest.artifacts.items() if manifest is not None else ():
            if not name.startswith("_"):
                yield self._artifact(name, entry)

    def _find(self, name: str) -> DataArtifact | None:
        entry = self._entry_or_none(name)
        return None if entry is None else self._artifact(name, entry)

    def _missing(self, name: str) -> str:
        return f"{self} has no artifact {name!r}; {self._what_there_is(name)}"

    def _what_there_is(self, name: str) -> str:
        status = self._shown().status
        if status == "running":
            return "it is still running"
        if status != "succeeded" and self._attempt is None:
            return f"it failed: Task({self.pathspec!r}, attempt={self.current_attempt}) shows what was stored"
        return did_you_mean(name, [artifact.id for artifact in self], "artifacts")

    def _entry_or_none(self, name: str) -> ArtifactEntry | None:
        manifest = self._stored()
        if manifest is None:
            return None
        entry = manifest.artifacts.get(name)
        # Tools read the graph from any task; it is stored once, with the run's parameters.
        return self._run.shared_entry(name) if entry is None and name == "_graph_info" else entry

    def _entry_of(self, name: str) -> ArtifactEntry:
        entry = self._entry_or_none(name)
        if entry is None:
            raise NotFound(self._missing(name))
        return entry

    def _artifact(self, name: str, entry: ArtifactEntry) -> DataArtifact:
        return DataArtifact._at(
            self._view, (*self._path, name), _run=self._run, _task=self, _entry=entry, _attempt=self._attempt
        )

    def _load(self, name: str, entry: ArtifactEntry) -> Any:
        manifest = self._stored()
        file = manifest.main_file if manifest is not None else ""
        source = RunSource(self._run_that_ran())
        module = FlowModule(file, source.file)
        try:
            with searching_beside(file):
                return self._run.store.load(entry, main_module=module, name=name)
        except ArtifactError as error:
            # A module that lay beside the flow's file may be in the run's code.
            if not isinstance(error.__cause__, ImportError) or (stored := source.file()) is None:
                raise
            with searching_beside(stored):
                return self._run.store.load(entry, main_module=module, name=name)

    def _run_that_ran(self) -> RunContext:
        """The run whose process stored the artifacts: of a copy, another than its own."""
        manifest = self._stored()
        if manifest is None or (manifest.flow, manifest.run_id) == (self._run.flow, self._run.run_id):
            return self._run
        return RunContext(self._view, manifest.flow, manifest.run_id)

    @property
    def data(self) -> TaskData:
        """The artifacts' values: ``task.data.x``."""
        return TaskData(self)

    @property
    def artifacts(self) -> TaskArtifacts:
        """The artifacts, unloaded: ``task.artifacts.x``."""
        return TaskArtifacts(self)

    # --- how it went -----------------------------------------------------------------------------------------------

    @property
    def successful(self) -> bool:
        """Whether it finished without an exception. One whose exception ``@catch`` handled was not successful."""
        if self._shown().status != "succeeded":
            return False
        manifest = self._stored()
        return manifest is None or manifest.failure is None

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen to it; also where its launching process is gone."""
        return self._shown().status != "running"

    @property
    def finished_at(self) -> datetime | None:
        """When the attempt ended; None while it runs."""
        at = self._shown().finished_at
        return None if at is None else local_time(at)

    @property
    def created_at(self) -> datetime:
        """When the task was created."""
        return local_time((self._record or self._state()).created_at)

    @property
    def exception(self) -> TaskFailure | None:
        """What ended it; None if it succeeded, still runs, or ``@catch`` handled the exception."""
        shown = self._shown()
        if shown.status in ("running", "succeeded"):
            return None
        for attempt in self._view.reader.attempts(*self._path):
            if attempt.attempt == shown.number and attempt.status != "running":
                manifest = self._run.manifest(attempt.manifest) if attempt.manifest else None
                if manifest is not None and manifest.failure is not None:
                    return TaskFailure.of_summary(manifest.failure)
                return TaskFailure.of_attempt(attempt)
        return TaskFailure("its launching process ended before it did")

    @property
    def current_attempt(self) -> int:
        """The attempt that is shown, from 0."""
        return self._shown().number

    @property
    def attempt(self) -> int:
        """As :attr:`current_attempt`."""
        return self.current_attempt

    @property
    def index(self) -> int | None:
        """Position in the innermost foreach that the task is in; None outside."""
        frames = (self._record or self._state()).frames
        return frames[-1][3] if frames else None

    @property
    def _is_control(self) -> bool:
        record = self._record or self._state()
        if not record.frames:
            return False
        step, task_id, variable, index, _ = record.frames[-1]
        if record.key.rpartition("/")[0].endswith("[control]"):
            return True
        # A split by a number has no artifact that it iterates over; its tasks come right after the one that split.
        return not variable and index == 0 and record.parents == (f"{step}/{task_id}",)

    # --- output ----------------------------------------------------------------------------------------------------

    @property
    def stdout(self) -> str:
        """What the attempt has written to standard output so far."""
        return text_of(self._log(), "stdout")

    @property
    def stderr(self) -> str:
        """What the attempt has written to standard error so far."""
        return text_of(self._log(), "stderr")

    @property
    def stdout_size(self) -> int:
        """Bytes written to standard output so far."""
        return size_of(self._log(), "stdout")

    @property
    def stderr_size(self) -> int:
        """Bytes written to standard error so far."""
        return size_of(self._log(), "stderr")

    def loglines(
        self, stream: Stream, as_unicode: bool = True, meta_dict: Mapping[str, Any] | None = None
    ) -> Iterator[tuple[datetime, Any]]:
        """Lines of ``stdout`` or ``stderr``, each with the local time at which it was written.

        Parameters
        ----------
        stream
            ``"stdout"`` or ``"stderr"``.
        as_unicode
            Give text; else bytes.
        meta_dict
            The task's metadata, if the caller has it: its ``attempt`` says whose output to give.
        """
        task = self
        if self._attempt is None and meta_dict is not None and "attempt" in meta_dict:
            task = Task._at(self._view, self._path, _run=self._run, _attempt=int(meta_dict["attempt"]))
        for at, line in lines_of(task._log(), stream):
            yield local_time(at), line.decode("utf-8", "replace") if as_unicode else line

    # --- metadata --------------------------------------------------------------------------------------------------

    @property
    def metadata(self) -> list[Metadata]:
        """All fields recorded for the attempt, oldest first."""
        record, shown = self._state(), self._shown()
        return [
            Metadata(field.name, field.value, int(field.at * 1000), field.type, self)
            for field in fields_of(self._run, record, shown)
        ]

    @property
    def metadata_dict(self) -> dict[str, Any]:
        """Each field's latest value, by name."""
        record, shown = self._state(), self._shown()
        return {field.name: field.value for field in fields_of(self._run, record, shown)}

    @property
    def runtime_name(self) -> str | None:
        """What started the run: ``dev`` for the command line."""
        for tag in self._run.record.system_tags:
            if tag.startswith("runtime:"):
                return tag.removeprefix("runtime:")
        return None

    @property
    def environment_info(self) -> Mapping[str, Any] | None:
        """What was recorded of an environment of the task's own; None if it had none."""
        import json

        value = self.metadata_dict.get("environment-info")
        return None if value is None else cast("Mapping[str, Any]", json.loads(value))

    @property
    def code(self) -> TaskCode | None:
        """The code that the task ran: for a copy in a resumed run, that of the run that it is from.

        None if the run's code isn't stored.
        """
        try:
            return TaskCode.of_run(self._run_that_ran())
        except NotFound:  # the run that it is a copy from was removed, and its code with it
            return None

    # --- relatives -------------------------------------------------------------------------------------------------

    @property
    def parent(self) -> Step:
        """The step."""
        return cast("Step", self._ancestor("step", 3))

    @property
    def parent_tasks(self) -> Iterator[Task]:
        """The task's inputs, in the order in which it sees them."""
        return (self._other(record) for record in parents_of(self._run, self._state()))

    @property
    def child_tasks(self) -> Iterator[Task]:
        """Tasks that have this one among their inputs, in the order in which they were created."""
        return (self._other(record) for record in children_of(self._run, self._state(), self._stored()))

    @property
    def parent_task_pathspecs(self) -> Iterator[str]:
        """Pathspecs of :attr:`parent_tasks`."""
        return (task.pathspec for task in self.parent_tasks)

    @property
    def child_task_pathspecs(self) -> Iterator[str]:
        """Pathspecs of :attr:`child_tasks`."""
        return (task.pathspec for task in self.child_tasks)

    @property
    def origin_pathspec(self) -> str | None:
        """The task that this one is a copy of; None if it ran itself."""
        return (self._record or self._state()).origin_pathspec

    def _other(self, record: TaskRecord) -> Task:
        path = (record.flow, record.run_id, record.step, record.task_id)
        return Task._at(self._view, path, _run=self._run, _record=record)
