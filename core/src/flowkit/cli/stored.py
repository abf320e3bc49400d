"""What runs of a flow have stored, for commands that show it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, cast

import attrs

from flowkit.artifacts.layout import log_key, manifest_key
from flowkit.engine.session import Session
from flowkit.errors import InvalidPathspec, KeyNotFound, NotFound
from flowkit.interfaces.datastore import Datastore
from flowkit.model.log import LogRecord, parse
from flowkit.model.record import Page, RunRecord, TaskFilter, TaskRecord

if TYPE_CHECKING:
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.interfaces.metadata_provider import MetadataProvider
    from flowkit.model.artifact import Manifest

__all__ = ["StoredStep", "TaskPath", "find_run", "recorded_run"]


@attrs.frozen
class TaskPath:
    """``RUN/STEP`` or ``RUN/STEP/TASK`` of one flow."""

    flow: str
    run_id: str
    step: str
    task_id: str | None

    @classmethod
    def parse(cls, text: str, flow: str) -> TaskPath:
        """Parse what a user wrote; the flow's name may stand first. Raises InvalidPathspec."""
        parts = text.strip("/").split("/")
        if len(parts) in (3, 4) and parts[0] == flow:
            parts = parts[1:]
        if len(parts) not in (2, 3) or not all(parts):
            raise InvalidPathspec(f"{text!r} is not of the form RUN/STEP or RUN/STEP/TASK")
        return cls(flow, parts[0], parts[1], parts[2] if len(parts) == 3 else None)


def find_run(session: Session, run_id: str) -> RunRecord:
    """A run of the session's flow. Raises NotFound, which names the latest runs."""
    return recorded_run(session.metadata, session.compiled.name, run_id)


def recorded_run(metadata: MetadataProvider, flow: str, run_id: str) -> RunRecord:
    """A run of the flow. Raises NotFound, which names the latest runs."""
    run = metadata.run(flow, run_id)
    if run is None:
        known = [record.run_id for record in metadata.runs(flow, page=Page(limit=3)).items]
        hint = f"the latest are {', '.join(known)}" if known else f"{flow} has no runs there"
        raise NotFound(f"there is no run {flow}/{run_id} in {metadata.location}: {hint}")
    return run


class StoredStep:
    """The tasks of one step of one run that a path names, and the run's own store."""

    def __init__(self, session: Session, path: TaskPath) -> None:
        self._session = session
        self._path = path

    @cached_property
    def run(self) -> RunRecord:
        """The run. Raises NotFound."""
        return find_run(self._session, self._path.run_id)

    def tasks(self) -> Iterator[TaskRecord]:
        """The tasks, oldest first. Raises NotFound if there are none."""
        run, path, metadata = self.run, self._path, self._session.metadata
        if path.task_id is not None:
            task = metadata.task(run.flow, run.run_id, path.step, path.task_id)
            if task is None:
                raise NotFound(f"{run.flow}/{run.run_id} has no task {path.step}/{path.task_id}{self._hint()}")
            yield task
            return
        found = False
        for task in metadata.all_tasks(run.flow, run.run_id, TaskFilter(step=path.step), newest_first=False):
            found = True
            yield task
        if not found:
            raise NotFound(f"{run.flow}/{run.run_id} has no tasks of a step {path.step!r}{self._hint()}")

    @cached_property
    def datastore(self) -> Datastore:
        """The store that the run's record names, whatever the configuration says today."""
        kind = cast("type[Datastore]", self._session.registry.get("datastores", self.run.datastore))
        return kind.open(self.run.datastore_root)

    @cached_property
    def store(self) -> ArtifactStore:
        """The artifacts."""
        from flowkit.artifacts.serializers import SerializerTable
        from flowkit.artifacts.store import ArtifactStore

        return ArtifactStore(self.datastore, self.run.flow, SerializerTable.from_registry(self._session.registry))

    def manifest(self, task: TaskRecord) -> Manifest | None:
        """What a task that succeeded stored; None for any other."""
        if task.status == "succeeded" and task.manifest is not None:
            return self.store.read_manifest(task.manifest)
        if task.status != "running":
            return None
        found: Manifest
        # The launching process may have been killed before it recorded that the task had finished.
        try:
            found = self.store.read_manifest(manifest_key(*_identity(task), task.attempt))
        except NotFound:
            return None
        return found if found.ok else None

    def log(self, task: TaskRecord, attempt: int | None = None) -> Iterator[LogRecord]:
        """What an attempt wrote (the latest, if no number is given), so far. Raises NotFound if there is none such."""
        return parse(self.log_content(self.log_key(task, attempt)))

    def log_key(self, task: TaskRecord, attempt: int | None = None) -> str:
        """Where the output of an attempt is, if it wrote any. Raises NotFound if there is no such attempt."""
        if attempt is not None and attempt > task.attempt:
            raise NotFound(
                f"{task.run_id}/{task.step}/{task.task_id} has no attempt {attempt}: its last is {task.attempt}"
            )
        if task.origin_pathspec is not None and (ran := self.manifest(task)) is not None:
            # The output of a task that was taken over lies with the one that ran.
            return log_key(ran.flow, ran.run_id, ran.step, ran.task_id, ran.attempt if attempt is None else attempt)
        return log_key(*_identity(task), task.attempt if attempt is None else attempt)

    def log_content(self, key: str) -> bytes:
        """A log as it is stored; empty for a task that wrote nothing."""
        try:
            return self.datastore.get(key)
        except KeyNotFound:
            return b""

    def close(self) -> None:
        """Give back what was opened."""
        if "datastore" in self.__dict__:
            self.datastore.close()

    def _hint(self) -> str:
        steps = [record.step for record in self._session.metadata.steps(self.run.flow, self.run.run_id)]
        return f"; steps that ran: {', '.join(reversed(steps))}" if steps else "; no task of it has started"


def _identity(task: TaskRecord) -> tuple[str, str, str, str]:
    return task.flow, task.run_id, task.step, task.task_id
