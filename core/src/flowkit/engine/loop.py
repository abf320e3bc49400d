"""Carries out what the scheduler says: all effects of a run are here."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Mapping, Sequence

from flowkit.artifacts.layout import log_key
from flowkit.engine.admission import Admission
from flowkit.engine.log_store import LogStore
from flowkit.engine.observer import RunObserver
from flowkit.engine.reactor import SelectorReactor
from flowkit.engine.recorder import Recorder
from flowkit.engine.resume import Origin, Reused
from flowkit.engine.scheduler import Scheduler
from flowkit.engine.split_limit import SplitLimit
from flowkit.engine.task_log import TaskLog
from flowkit.engine.task_table import TaskTable
from flowkit.interfaces.compute_backend import ComputeBackend, Timer
from flowkit.interfaces.datastore import Datastore
from flowkit.model.event import (
    AttemptEnded,
    Begin,
    Cancel,
    Event,
    Finish,
    Instruction,
    Retry,
    ScheduledTask,
    Stop,
    Submit,
)
from flowkit.model.log import Stream
from flowkit.model.record import StepRecord
from flowkit.model.task import RunSpec, TaskOutcome, TaskSpec

__all__ = ["RunLoop"]

#: Seconds that running tasks get after a failure or an interrupt.
GRACE_SECONDS = 5.0
#: After this long with nothing to do, records that wait are written.
_IDLE_SECONDS = 0.05


class RunLoop:
    """One run, from its first task to its last. A :class:`flowkit.interfaces.compute_backend.TaskListener`.

    Parameters
    ----------
    backends
        By name; each was prepared.
    origin
        The run that is resumed, if any.
    max_num_splits
        A foreach of more items fails; None for no limit.
    max_log_size
        Bytes of each of a task's streams that are kept; None for all.
    clone_only
        Take over what can be taken over, and start nothing.
    """

    def __init__(
        self,
        *,
        run: RunSpec,
        scheduler: Scheduler,
        table: TaskTable,
        recorder: Recorder,
        datastore: Datastore,
        backends: Mapping[str, ComputeBackend],
        reactor: SelectorReactor,
        observers: Sequence[RunObserver] = (),
        origin: Origin | None = None,
        max_num_splits: int | None = None,
        max_log_size: int | None = None,
        clone_only: bool = False,
        workers: int = sys.maxsize,
    ) -> None:
        self._run = run
        self._scheduler = scheduler
        self._table = table
        self._recorder = recorder
        self._log_store = LogStore(datastore, reactor, self._tell)
        self._backends = backends
        self._reactor = reactor
        self._observers = observers
        self._origin = origin
        self._splits = SplitLimit(max_num_splits)
        self._max_log_size = max_log_size
        self._clone_only = clone_only
        self._admission = Admission(workers, backends.values())
        #: Attempts that may still wait with their backend.
        self._later: set[str] = set()
        self._held: list[str] = []
        self._events: deque[Event] = deque()
        self._submissions: list[TaskSpec] = []
        self._running: dict[str, TaskSpec] = {}
        self._delayed: dict[str, tuple[Timer, TaskSpec]] = {}
        self._logs: dict[str, TaskLog] = {}
        self._info: dict[str, Mapping[str, str]] = {}
        self._reused: dict[str, Reused] = {}
        self._finish: Finish | None = None
        self._interrupts = 0
        self.failures: list[tuple[TaskSpec, TaskOutcome]] = []

    @property
    def held(self) -> int:
        """Tasks that were ready, and weren't started as there was only to be taken over what could be."""
        return len(self._held)

    def run(self) -> Finish:
        """Run to the end. Raises what recording or storing raises; the caller then closes the backends."""
        try:
            return self._run_tasks()
        finally:
            self._log_store.finish(self._reactor.run_once)

    def _run_tasks(self) -> Finish:
        for backend in self._backends.values():
            backend.start(self._reactor, self)
        self._handle(Begin())
        while (finish := self._finish) is None:
            if self._events:
                self._handle(self._events.popleft())
            elif self._admit():
                continue
            elif self._submissions:
                self._submit()
            elif self._held:
                self._let_go()
            elif not self._reactor.run_once(_IDLE_SECONDS if self._recorder.pending else None):
                self._recorder.flush()
        self._recorder.flush()
        return finish

    def interrupt(self, reason: str) -> None:
        """End the run early. The first call lets running tasks clean up; the second ends them at once."""
        self._interrupts += 1
        self._log_store.give_up()
        if self._interrupts == 1:
            self._events.append(Stop(reason))
            for spec in list(self._running.values()):
                self._backends[spec.backend].cancel(spec)
        else:
            self._kill_running()

    def _tell(self, text: str) -> None:
        for observer in self._observers:
            observer.message(text)

    # --- what the scheduler says -----------------------------------------------------------------------------------

    def _handle(self, event: Event) -> list[Instruction]:
        instructions = self._scheduler.handle(event)
        for instruction in instructions:
            self._carry_out(instruction)
        return instructions

    def _carry_out(self, instruction: Instruction) -> None:
        if isinstance(instruction, Submit):
            self._admission.add(instruction.task)
        elif isinstance(instruction, Retry):
            self._start_attempt(instruction.task, instruction.attempt)
        elif isinstance(instruction, Cancel):
            self._drop_delayed()
            self._drop_waiting()
            self._reactor.call_later(GRACE_SECONDS, self._kill_running)
        else:
            self._finish = instruction

    def _admit(self) -> bool:
        """Start tasks that there is room for. Returns whether there were any."""
        before = len(self._events)
        started = False
        while (task := self._admission.next(self._active())) is not None:
            started = True
            self._start(task)
            if len(self._events) > before:
                break  # it was taken over: what follows it may come first
        return started

    def _active(self) -> int:
        return len(self._running) + len(self._submissions) + len(self._delayed)

    def _drop_waiting(self) -> None:
        """What hasn't begun isn't to begin."""
        for task_id in self._admission.give_up():
            self._events.append(AttemptEnded(task_id, "cancelled"))
        for task_id in self._later:
            spec = self._running[task_id]
            self._backends[spec.backend].withdraw(spec)

    def _start(self, task: ScheduledTask) -> None:
        reused = self._origin.find(task, self._reused) if self._origin is not None else None
        if reused is None and self._clone_only:
            self._held.append(task.id)
            return
        record = self._table.created(task) if reused is None else self._table.cloned(task, reused)
        self._recorder.step(StepRecord(self._run.flow, self._run.run_id, task.step, record.created_at))
        self._recorder.task(record)
        self._announce(task)
        if reused is None:
            self._start_attempt(task, 0)
            return
        self._reused[task.id] = reused
        for observer in self._observers:
            observer.task_cloned(task.step, 1)
        self._events.append(AttemptEnded(task.id, "succeeded", reused.transition))

    def _let_go(self) -> None:
        """Nothing more can be taken over: end, and leave to others what would run now."""
        plural = "" if self.held == 1 else "s"
        self._handle(Stop(f"all was taken over that could be; {self.held} task{plural} would run next"))
        for task_id in self._held:
            self._events.append(AttemptEnded(task_id, "cancelled"))
        while self._events:
            self._handle(self._events.popleft())

    def _announce(self, task: ScheduledTask) -> None:
        """Tell how many tasks of a step are known: all of a split's at once."""
        frame = task.frame
        count = 1
        is_branch = frame is not None and frame.group.is_foreach and task.inputs == (frame.group.task_id,)
        if frame is not None and is_branch and not frame.control:
            if frame.index > 0:
                return
            count = frame.group.width
        for observer in self._observers:
            observer.task_queued(task.step, count)

    def _start_attempt(self, task: ScheduledTask, attempt: int) -> None:
        spec = self._table.spec(task, attempt)
        backend = self._backends[spec.backend]
        if attempt and spec.retry_delay_seconds and backend.waits_before_retry:
            timer = self._reactor.call_later(spec.retry_delay_seconds, lambda: self._start_delayed(task.id))
            self._delayed[task.id] = (timer, spec)
        else:
            self._submissions.append(spec)

    def _start_delayed(self, task_id: str) -> None:
        self._submissions.append(self._delayed.pop(task_id)[1])

    def _drop_delayed(self) -> None:
        """Give up attempts that were still to begin."""
        for task_id, (timer, _) in self._delayed.items():
            timer.cancel()
            self._events.append(AttemptEnded(task_id, "cancelled"))
        self._delayed.clear()

    def _submit(self) -> None:
        """Start attempts. They are recorded first, with all that they depend on."""
        specs, self._submissions = self._submissions, []
        for spec in specs:
            task, attempt = self._table.attempt_started(spec)
            self._recorder.task(task)
            self._recorder.attempt(attempt)
        self._recorder.flush()
        for spec in specs:
            is_ahead = self._admission.is_ahead(len(self._running), spec)
            self._running[spec.task_id] = spec
            backend = self._backends[spec.backend]
            if is_ahead:
                self._later.add(spec.task_id)
                backend.submit_later(spec)
            else:
                backend.submit(spec)

    def _kill_running(self) -> None:
        for spec in list(self._running.values()):
            self._backends[spec.backend].cancel(spec, force=True)

    # --- what the backends say -------------------------------------------------------------------------------------

    def task_started(self, spec: TaskSpec, info: Mapping[str, str]) -> None:
        """An attempt's process is there."""
        self._info[spec.task_id] = info
        self._later.discard(spec.task_id)
        for observer in self._observers:
            observer.task_started(spec, info)

    def task_output(self, spec: TaskSpec, stream: Stream, time: float, data: bytes) -> None:
        """Output arrived."""
        self._log(spec).append(stream, time, data)

    def task_secrets(self, spec: TaskSpec, values: Sequence[str]) -> None:
        """Values to redact."""
        self._log(spec).add_secrets(values)

    def task_ended(self, spec: TaskSpec, outcome: TaskOutcome) -> None:
        """An attempt is over."""
        log = self._logs.pop(spec.task_id, None)
        if log is not None:
            log.close()
        self._running.pop(spec.task_id, None)
        self._later.discard(spec.task_id)
        self._admission.ended(outcome.finished_at - outcome.started_at)
        outcome = self._splits.applied(outcome)
        event = AttemptEnded(spec.task_id, outcome.status, outcome.transition, outcome.retryable)
        info = self._info.pop(spec.task_id, {})
        # What a task left must be known before the scheduler starts what reads it; whether it is retried, after.
        succeeded = outcome.status == "succeeded"
        if succeeded:
            self._record_end(spec, outcome, info, final=True)
        instructions = self._handle(event)
        will_retry = any(isinstance(one, Retry) and one.task.id == spec.task_id for one in instructions)
        if not succeeded:
            self._record_end(spec, outcome, info, final=not will_retry)
            if not will_retry and outcome.status != "cancelled":
                self.failures.append((spec, outcome))
        warning = self._splits.warning(spec, outcome)
        for observer in self._observers:
            observer.task_ended(spec, outcome, will_retry)
            if warning:
                observer.message(warning)

    def _record_end(self, spec: TaskSpec, outcome: TaskOutcome, info: Mapping[str, str], *, final: bool) -> None:
        task, attempt = self._table.attempt_ended(spec, outcome, info, final=final)
        self._recorder.task(task)
        self._recorder.attempt(attempt)

    def _log(self, spec: TaskSpec) -> TaskLog:
        log = self._logs.get(spec.task_id)
        if log is None:
            key = log_key(spec.run.flow, spec.run.run_id, spec.step, spec.task_id, spec.attempt)

            def show(stream: Stream, time: float, line: bytes) -> None:
                for observer in self._observers:
                    observer.task_output(spec, stream, time, line)

            log = TaskLog(lambda: self._log_store.open(key), show, longest=self._max_log_size)
            self._logs[spec.task_id] = log
        return log
