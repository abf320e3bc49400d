"""One task of an earlier run, run again by itself; nothing of that run changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from flowkit.artifacts.store import ArtifactStore
from flowkit.compile.compiler import CompiledFlow, check
from flowkit.engine.backends import check_in_process
from flowkit.engine.launch import RunLaunch, run_launch
from flowkit.engine.launch_options import LaunchOptions, RunResult
from flowkit.engine.observer import RunObserver
from flowkit.engine.recorded_task import RecordedTask, RerunError
from flowkit.engine.resume import Origin
from flowkit.engine.scheduler import Scheduler
from flowkit.engine.session import Session
from flowkit.engine.task_table import TaskTable
from flowkit.errors import NotFound
from flowkit.interfaces.compute_backend import IN_PROCESS
from flowkit.model.event import AttemptEnded, Begin, Cancel, Event, Finish, Instruction, ScheduledTask, Submit
from flowkit.model.record import Page, RunRecord, TaskFilter, TaskRecord
from flowkit.model.task import InputRef, RunSpec, TaskSpec

__all__ = ["SPUN_TASK_ID", "SpinOptions", "find_task", "spin"]

#: The one task of a run that ``spin`` starts.
SPUN_TASK_ID = "1"
_LOCAL = "local"


@attrs.frozen
class SpinOptions(LaunchOptions):
    """How to run a task again."""

    #: The run and the task.
    origin: RunRecord = attrs.field(kw_only=True)
    task: TaskRecord = attrs.field(kw_only=True)
    #: Where the run is recorded.
    origin_session: Session = attrs.field(kw_only=True)
    #: A Python file whose ``ARTIFACTS`` replace inputs.
    artifacts_module: str | None = None
    skip_decorators: bool = False
    #: Whether what the step sets is stored.
    persist: bool = False


def find_task(session: Session, step: str, run_id: str | None = None, task_id: str | None = None) -> TaskRecord:
    """The task to run again: the one named, else the latest of the step in the run, or in the namespace's latest runs.

    Raises
    ------
    NotFound
        If there is none.
    """
    flow, metadata = session.compiled.name, session.metadata
    if run_id is not None and task_id is not None:
        task = metadata.task(flow, run_id, step, task_id)
        if task is None:
            raise NotFound(f"there is no task {flow}/{run_id}/{step}/{task_id} in {metadata.location}")
        return task
    runs = [run_id] if run_id is not None else (run.run_id for run in metadata.all_runs(flow) if _is_seen(session, run))
    for one in runs:
        for task in metadata.tasks(flow, one, TaskFilter(step=step), Page(limit=8)).items:
            if not task.key.rpartition("/")[0].endswith("[control]"):
                return task
    where = f"the run {flow}/{run_id}" if run_id is not None else f"any run of {flow} in {session.namespace or 'no'!r}"
    raise NotFound(f"step {step!r} has no task in {where}: 'run' starts one, and --namespace= shows all runs")


def _is_seen(session: Session, run: RunRecord) -> bool:
    return not session.namespace or session.namespace in (*run.tags, *run.system_tags)


def spin(session: Session, options: SpinOptions, observers: Sequence[RunObserver] = ()) -> RunResult:
    """Run a task again.

    Parameters
    ----------
    session
        Where it is recorded and stored; its datastore reads from the one of the earlier run too.

    Raises
    ------
    GraphError, RerunError, FlowkitError
    """
    check(session.compiled)
    step = options.task.step
    if step not in session.compiled.graph:
        raise RerunError(f"{session.compiled.name} has no step {step!r} any more")
    if session.compiled.graph[step].parallel_step:
        raise RerunError(f"the tasks of step {step!r} run together, and can't be run one by one")
    for one in options.inproc:
        check_in_process(session.compiled.graph, one)
    return run_launch(_SpinLaunch, session, options, {}, observers, {IN_PROCESS if options.inproc else _LOCAL})


class _SpinLaunch(RunLaunch):
    """A run of one task."""

    _options: SpinOptions

    def _find_origin(self) -> tuple[RunRecord | None, frozenset[str]]:
        return self._options.origin, frozenset()

    def _origin_of(self, run: RunRecord, rerun: frozenset[str]) -> Origin | None:
        return None

    def _run_info(self) -> dict[str, Any]:
        task = self._options.task
        where = self._options.origin_session.metadata_ref
        return {
            "spin": f"{task.flow}/{task.run_id}/{task.step}/{task.task_id}",
            "spin_metadata": f"{where.name}@{where.root}",
            "persisted": self._options.persist,
        }

    @property
    def _attributes(self) -> Mapping[str, Any]:
        return {"step_name": self._options.task.step, "task_id": SPUN_TASK_ID}

    @property
    def _spec_extra(self) -> Mapping[str, Any]:
        options = self._options
        return {
            "spin": {
                "artifacts_module": options.artifacts_module,
                "skip_decorators": options.skip_decorators,
                "persist": options.persist,
            }
        }

    def _scheduler(self) -> Scheduler:
        return _OneTask(self._session.compiled, self._options.task.step)

    def _table(self, spec: RunSpec, parameters: InputRef) -> TaskTable:
        return _SpinTable(spec, self._session.compiled, self._session.store, parameters, self._options)


class _OneTask(Scheduler):
    """One task, tried once."""

    def __init__(self, compiled: CompiledFlow, step: str) -> None:
        super().__init__(compiled.graph)
        self._task = ScheduledTask(SPUN_TASK_ID, step, key=step)
        self._is_over = False
        self._reason = ""

    def handle(self, event: Event) -> list[Instruction]:
        """Begin and end."""
        if isinstance(event, Begin):
            return [Submit(self._task)]
        if isinstance(event, AttemptEnded):
            self._is_over = True
            succeeded = event.status == "succeeded"
            failed = (self._task.id,) if event.status not in ("succeeded", "cancelled") else ()
            return [Finish(succeeded, failed, self._reason)]
        self._reason = event.reason
        return [] if self._is_over else [Cancel((self._task.id,))]


class _SpinTable(TaskTable):
    """Makes the task's specification from what is recorded of the earlier one."""

    def __init__(
        self, run: RunSpec, compiled: CompiledFlow, store: ArtifactStore, parameters: InputRef, options: SpinOptions
    ) -> None:
        super().__init__(run, compiled, store.datastore, parameters, in_process=options.inproc)
        metadata = options.origin_session.metadata
        recorded = RecordedTask(metadata, store, compiled.graph, options.origin, options.task)
        self._place = recorded.place(parameters)
        self._task = options.task

    def spec(self, task: ScheduledTask, attempt: int = 0) -> TaskSpec:
        """The task, on this machine whatever its decorators say, and without a second try."""
        spec = TaskSpec(run=self._run, step=task.step, task_id=task.id, attempt=attempt, **self._place)
        spec = self._planned(spec)
        backend = spec.backend if spec.backend == IN_PROCESS else _LOCAL
        return attrs.evolve(spec, backend=backend, user_attempts=1, fallback_attempts=0)

    def _record(self, task: ScheduledTask, now: float) -> TaskRecord:
        record = super()._record(task, now)
        return attrs.evolve(record, frames=self._task.frames, index_path=self._task.index_path)
