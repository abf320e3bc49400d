"""Turns the scheduler's tasks into specifications and records."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping

import attrs

from flowkit.compile.compiler import CompiledFlow
from flowkit.compile.plan import attempts_of, plan_task
from flowkit.engine.inputs_list import MOST_INLINE, store_inputs
from flowkit.engine.resume import Reused
from flowkit.interfaces.compute_backend import IN_PROCESS
from flowkit.interfaces.datastore import Datastore
from flowkit.model.event import Frame, ScheduledTask, SplitGroup
from flowkit.model.record import AttemptRecord, Metadatum, TaskRecord, TaskStatus
from flowkit.model.task import ForeachFrame, InputRef, OutcomeStatus, RunSpec, TaskOutcome, TaskSpec

__all__ = ["TaskTable"]


class TaskTable:
    """What is known about each task of a run on the launching side.

    Parameters
    ----------
    parameters
        Where the start task reads the run's parameters from.
    in_process
        Steps whose attempts run in the launching process, where nobody waits for their end with a watch.
    """

    def __init__(
        self,
        run: RunSpec,
        compiled: CompiledFlow,
        datastore: Datastore,
        parameters: InputRef,
        *,
        in_process: Collection[str] = (),
    ) -> None:
        self._run = run
        self._compiled = compiled
        self._datastore = datastore
        self._parameters = parameters
        self._in_process = in_process
        self._finished: dict[str, InputRef] = {}
        self._records: dict[str, TaskRecord] = {}
        self._started: dict[str, float] = {}

    def spec(self, task: ScheduledTask, attempt: int = 0) -> TaskSpec:
        """One attempt of a task, as the step's decorators want it."""
        inputs = tuple(self._finished[task_id] for task_id in task.inputs) or (self._parameters,)
        inputs_blob: str | None = None
        if len(inputs) > MOST_INLINE:
            inputs_blob = store_inputs(self._datastore, self._run.flow, self._run.run_id, task.id, inputs)
            inputs = ()
        allowed = attempts_of(self._compiled, task.step)
        spec = TaskSpec(
            run=self._run,
            step=task.step,
            task_id=task.id,
            attempt=attempt,
            inputs=inputs,
            inputs_blob=inputs_blob,
            frames=tuple(_foreach_frame(frame) for frame in task.foreach_groups()),
            closes=_foreach_frame(Frame(task.closes, 0)) if task.closes and task.closes.is_foreach else None,
            user_attempts=1 + allowed.retries,
            fallback_attempts=allowed.fallbacks,
            retry_delay_seconds=allowed.delay_seconds if attempt else 0,
        )
        return self._planned(spec)

    def _planned(self, spec: TaskSpec) -> TaskSpec:
        spec = plan_task(self._compiled, spec)
        if spec.step in self._in_process:
            return attrs.evolve(spec, backend=IN_PROCESS, timeout_seconds=0)
        return spec

    def created(self, task: ScheduledTask) -> TaskRecord:
        """The record of a task that is about to run."""
        record = self._record(task, time.time())
        self._records[task.id] = record
        return record

    def cloned(self, task: ScheduledTask, reused: Reused) -> TaskRecord:
        """The record of a task that an earlier run's stands in for."""
        origin = reused.record
        now = time.time()
        self._finished[task.id] = InputRef(task.step, task.id, origin.attempt, reused.manifest)
        return attrs.evolve(
            self._record(task, now),
            status="succeeded",
            attempt=origin.attempt,
            finished_at=now,
            manifest=reused.manifest,
            origin_pathspec=f"{origin.flow}/{origin.run_id}/{origin.step}/{origin.task_id}",
            metadata=origin.metadata,
        )

    def attempt_started(self, spec: TaskSpec) -> tuple[TaskRecord, AttemptRecord]:
        """The records of an attempt that is about to begin, and of its task."""
        now = time.time()
        self._started[spec.task_id] = now
        record = self._records[spec.task_id]
        if spec.attempt:
            record = self._records[spec.task_id] = attrs.evolve(record, attempt=spec.attempt)
        return record, AttemptRecord(
            spec.run.flow, spec.run.run_id, spec.step, spec.task_id, spec.attempt, "running", started_at=now
        )

    def attempt_ended(
        self, spec: TaskSpec, outcome: TaskOutcome, info: Mapping[str, str], *, final: bool
    ) -> tuple[TaskRecord, AttemptRecord]:
        """The records of an attempt that ended, and of its task."""
        now = time.time()
        failure = f"{outcome.failure.type}: {outcome.failure.message}" if outcome.failure else ""
        metadata = tuple(
            Metadatum(field, value, field, now, spec.attempt)
            for source in (info, outcome.metadata)
            for field, value in source.items()
        )
        status = _STATUS[outcome.status]
        attempt = AttemptRecord(
            flow=spec.run.flow,
            run_id=spec.run.run_id,
            step=spec.step,
            task_id=spec.task_id,
            attempt=spec.attempt,
            status=status,
            started_at=outcome.started_at or self._started.get(spec.task_id, now),
            finished_at=outcome.finished_at or now,
            manifest=outcome.manifest,
            exit_code=outcome.exit_code,
            failure=failure,
            metadata=metadata,
        )
        record = self._records[spec.task_id]
        if status == "succeeded" and outcome.manifest is not None:
            record = attrs.evolve(
                record, status="succeeded", finished_at=now, manifest=outcome.manifest, metadata=metadata
            )
            self._finished[spec.task_id] = InputRef(spec.step, spec.task_id, spec.attempt, outcome.manifest)
        elif final:
            record = attrs.evolve(record, status=status, finished_at=now, metadata=metadata)
        if final:
            self._records.pop(spec.task_id, None)
            self._started.pop(spec.task_id, None)
        else:
            self._records[spec.task_id] = record
        return record, attempt

    def _record(self, task: ScheduledTask, now: float) -> TaskRecord:
        frames = task.foreach_groups()
        few = len(task.inputs) <= MOST_INLINE
        return TaskRecord(
            flow=self._run.flow,
            run_id=self._run.run_id,
            step=task.step,
            task_id=task.id,
            created_at=now,
            ordinal=int(task.id),
            index_path="/".join(str(frame.index) for frame in frames),
            frames=tuple(
                (frame.group.step, frame.group.task_id, frame.group.variable or "", frame.index, _width(frame.group))
                for frame in frames
            ),
            iteration=task.iteration,
            key=task.key,
            parents=tuple(f"{self._finished[i].step}/{i}" for i in task.inputs) if few else (),
        )


def _foreach_frame(frame: Frame) -> ForeachFrame:
    group = frame.group
    return ForeachFrame(
        step=group.step,
        task_id=group.task_id,
        variable=group.variable or "",
        index=frame.index,
        num_splits=_width(group),
        items=group.items,
        control=frame.control,
        control_task_id=group.control_task_id,
    )


def _width(group: SplitGroup) -> int | None:
    return None if group.unbounded else group.width


_STATUS: dict[OutcomeStatus, TaskStatus] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "crashed": "failed",
    "timed_out": "failed",
    "cancelled": "cancelled",
}
