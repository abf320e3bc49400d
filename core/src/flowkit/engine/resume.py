"""What a resumed run takes from the run that it resumes.

A task is taken over if the origin has a successful task of the same key, its step isn't to be rerun, and all its
inputs were taken over too. Tasks are found by key, in constant time; manifests are read only where the graph doesn't
say by itself where a task went (splits by item and switches), and where a record says that a task was running: a
launching process that was killed may have left a finished task unrecorded.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from flowkit.artifacts.layout import manifest_key
from flowkit.artifacts.store import ArtifactStore
from flowkit.engine.cycles import cycle_of, descendants
from flowkit.engine.session import PARAMETERS_STEP
from flowkit.errors import DatastoreError, KeyNotFound, NotFound, ResumeError
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.artifact import Manifest, Transition
from flowkit.model.collected import when_collected
from flowkit.model.event import ScheduledTask
from flowkit.model.graph import Graph
from flowkit.model.record import Page, RunRecord, TaskRecord

__all__ = ["Origin", "Reused", "check_not_collected", "find_origin_run", "origin_parameters", "steps_to_rerun"]


@attrs.frozen
class Reused:
    """A task of an earlier run that stands in for one of this run."""

    record: TaskRecord
    manifest: str
    transition: Transition | None


def find_origin_run(metadata: MetadataProvider, flow: str, run_id: str | None, namespace: str | None) -> RunRecord:
    """The run to resume: the one named, or the latest of the namespace.

    Raises
    ------
    ResumeError
        If there is none.
    """
    if run_id is not None:
        run = metadata.run(flow, run_id)
        if run is None:
            known = [record.run_id for record in metadata.runs(flow).items[:3]]
            hint = f"the latest are {', '.join(known)}" if known else f"{flow} has no runs here"
            raise ResumeError(f"there is no run {flow}/{run_id} in {metadata.location}: {hint}")
        if when_collected(run) is not None:
            raise _was_collected(run, run)
        return run
    for run in metadata.all_runs(flow):
        is_mine = not namespace or namespace in run.system_tags or namespace in run.tags
        if is_mine and when_collected(run) is None:
            return run
    raise ResumeError(
        f"{flow} has no run to resume in the namespace {namespace!r}: start one with 'run', or name one with "
        "--origin-run-id"
    )


def check_not_collected(metadata: MetadataProvider, origin: RunRecord) -> None:
    """See that garbage collection leaves the origin alone: called when the run that takes tasks of it is recorded.

    A collector marks a run, then looks who resumes it: at least one of the two sees the other.

    Raises
    ------
    ResumeError
        If the origin's artifacts are being taken away, or were.
    """
    latest = metadata.run(origin.flow, origin.run_id)
    if latest is None or when_collected(latest) is not None:
        raise _was_collected(origin, latest)


def _was_collected(run: RunRecord, latest: RunRecord | None) -> ResumeError:
    at = "just now" if latest is None else f"on {when_collected(latest)}"
    return ResumeError(
        f"{run.flow}/{run.run_id} can't be resumed: flowkit gc collected its artifacts {at}; start a new run, or "
        "resume another one"
    )


def steps_to_rerun(graph: Graph, step: str | None) -> frozenset[str]:
    """``step`` and all that can run after it; nothing if no step is named.

    Raises
    ------
    ResumeError
        If the flow has no such step.
    """
    if step is None:
        return frozenset()
    if step not in graph:
        raise ResumeError(f"{graph.name} has no step {step!r}; its steps are {', '.join(graph.nodes)}")
    return descendants(graph, step) | {step}


def origin_parameters(metadata: MetadataProvider, store: ArtifactStore, run: RunRecord) -> Manifest:
    """The manifest that holds a run's parameters.

    A run that was killed before it stored them, and that resumes another, has that one's.

    Raises
    ------
    ResumeError
        If there is none, or it can't be read.
    """
    key = manifest_key(run.flow, run.run_id, PARAMETERS_STEP, "0", 0)
    try:
        return store.read_manifest(key)
    except (NotFound, DatastoreError) as error:
        if isinstance(error, KeyNotFound) and not metadata.tasks(run.flow, run.run_id, page=Page(limit=1)).items:
            older = _resumed_by(metadata, run)
            if older is not None:
                return origin_parameters(metadata, store, older)
            raise ResumeError(
                f"{run.flow}/{run.run_id} ended before its parameters were stored and its first task began: start it "
                "again with 'run', or name another run with --origin-run-id"
            ) from error
        raise ResumeError(
            f"the parameters of {run.flow}/{run.run_id} can't be read ({error}), without which it can't be resumed; if "
            "its store was moved, say where to: --datastore and --datastore-root"
        ) from error


def _resumed_by(metadata: MetadataProvider, run: RunRecord) -> RunRecord | None:
    """The run that ``run`` resumes; None if there is none any more. Raises ResumeError if it was collected."""
    older = None if run.origin_run_id is None else metadata.run(run.flow, run.origin_run_id)
    if older is not None and when_collected(older) is not None:
        raise _was_collected(older, older)
    return older


class Origin:
    """Finished tasks of an earlier run, by key.

    Parameters
    ----------
    rerun
        Steps of which nothing is taken over.
    """

    def __init__(
        self,
        metadata: MetadataProvider,
        store: ArtifactStore,
        graph: Graph,
        run: RunRecord,
        rerun: frozenset[str] = frozenset(),
    ) -> None:
        self.run = run
        self._store = store
        self._graph = graph
        self._rerun = rerun
        self._cycles = cycle_of(graph)
        self._tasks: dict[str, TaskRecord] = {
            task.key: task for task in metadata.all_tasks(run.flow, run.run_id, newest_first=False)
        }
        self._manifests: dict[str, Manifest] = {}
        self._older = self._find_older(metadata)
        self._complete_loops = self._find_complete_loops()

    @property
    def runs(self) -> tuple[RunRecord, ...]:
        """Those that tasks are taken from."""
        return (self.run, *(() if self._older is None else self._older.runs))

    def find(self, task: ScheduledTask, inputs: Mapping[str, Reused]) -> Reused | None:
        """What stands in for ``task``; None if it must run.

        ``inputs`` are the tasks taken over so far, by the new run's task ids.
        """
        if task.step in self._rerun or task.step not in self._graph:
            return None
        reused_inputs = [inputs.get(task_id) for task_id in task.inputs]
        if any(reused is None for reused in reused_inputs):
            return None
        if task.step in self._cycles and not self._is_complete_loop(task):
            return None
        if not self._is_whole(task):
            return None
        own = self._own(task)
        if own is not None or self._older is None:
            return own
        if all(self._came_from_older(reused) for reused in reused_inputs if reused is not None):
            return self._older.find(task, inputs)
        return None

    def _is_whole(self, task: ScheduledTask) -> bool:
        """Whether the tasks that must run with this one can be taken over as well.

        Those of a ``num_parallel`` split talk to each other; those of an unbounded foreach depend on what its control
        task says, which runs again.
        """
        frame = task.frame
        while frame is not None:
            group = frame.group
            if group.unbounded:
                return False
            if group.parallel and task.inputs == (group.task_id,):
                keys = [f"{group.key}[{index}]/{task.step}" for index in range(group.width)]
                records = [self._tasks.get(key) for key in keys]
                return all(record is not None and record.status == "succeeded" for record in records)
            frame = group.parent
        return True

    def _own(self, task: ScheduledTask) -> Reused | None:
        record = self._tasks.get(task.key)
        if record is None or record.step != task.step:
            return None
        if record.status == "succeeded" and record.manifest is not None:
            key = record.manifest
        elif record.status == "running":
            key = manifest_key(record.flow, record.run_id, record.step, record.task_id, record.attempt)
            manifest = self._manifest(key)
            if manifest is None or not manifest.ok:
                return None
        else:
            return None
        node = self._graph[task.step]
        if node.type in ("foreach", "split-switch"):
            manifest = self._manifest(key)
            if manifest is None or manifest.transition is None:
                return None
            if not set(manifest.transition.steps) <= set(node.out_funcs):
                return None  # the flow was edited: this task would go elsewhere now
            return Reused(record, key, manifest.transition)
        return Reused(record, key, Transition(steps=node.out_funcs) if node.out_funcs else None)

    def _manifest(self, key: str) -> Manifest | None:
        if key not in self._manifests:
            try:
                self._manifests[key] = self._store.read_manifest(key)
            except (NotFound, DatastoreError):
                return None
        return self._manifests[key]

    def _came_from_older(self, reused: Reused) -> bool:
        return reused.record.origin_pathspec is not None or reused.record.run_id != self.run.run_id

    def _find_older(self, metadata: MetadataProvider) -> Origin | None:
        """The run that this one resumed, if this one was killed before it had taken over all that it could."""
        if self.run.origin_run_id is None or self.run.status == "succeeded":
            return None
        older = metadata.run(self.run.flow, self.run.origin_run_id)
        if older is None or when_collected(older) is not None:
            return None
        rerun = frozenset(str(step) for step in self.run.info.get("rerun_steps", ()))
        return Origin(metadata, self._store, self._graph, older, self._rerun | rerun)

    # --- loops -----------------------------------------------------------------------------------------------------

    def _find_complete_loops(self) -> set[tuple[str, frozenset[str]]]:
        """Loops that were left, by where they are: one that failed on the way is run again from its beginning."""
        complete: set[tuple[str, frozenset[str]]] = set()
        for record in self._tasks.values():
            cycle = self._cycles.get(record.step)
            if cycle is None or self._graph[record.step].type != "split-switch" or record.manifest is None:
                continue
            manifest = self._manifest(record.manifest)
            if record.status != "succeeded" or manifest is None or manifest.transition is None:
                continue
            if not set(manifest.transition.steps) & cycle:
                complete.add((_prefix(record.key), cycle))
        return complete

    def _is_complete_loop(self, task: ScheduledTask) -> bool:
        cycle = self._cycles[task.step]
        prefix = _prefix(task.key)
        while True:
            if (prefix, cycle) in self._complete_loops:
                return True
            if not prefix:
                return False
            prefix = _prefix(prefix)


def _prefix(key: str) -> str:
    """The key of the branch that a task is in: all but the last component."""
    return key.rpartition("/")[0]
