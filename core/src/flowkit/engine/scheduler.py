"""Which task runs next: a state machine with no effects.

Events come in (:mod:`flowkit.model.event`), instructions come out; nothing here starts a process, reads a clock or
touches a file. The work for each event is constant, whatever the size of the run: a foreach is a counter, not a list
of tasks, and a join counts arrivals.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

import attrs

from flowkit.engine.cycles import steps_in_cycles
from flowkit.errors import InternalError
from flowkit.interfaces.step_decorator import Attempts
from flowkit.model.artifact import Transition
from flowkit.model.event import (
    AttemptEnded,
    Begin,
    Cancel,
    Event,
    Finish,
    Frame,
    Instruction,
    Retry,
    ScheduledTask,
    SplitGroup,
    Stop,
    Submit,
)
from flowkit.model.graph import Graph

__all__ = ["Scheduler"]


@attrs.frozen
class _Waiting:
    """A task that has no id yet."""

    step: str
    inputs: tuple[str, ...]
    frame: Frame | None
    visits: Mapping[str, int]
    closes: SplitGroup | None = None


@attrs.define
class _Expansion:
    """The tasks of a split that haven't been started yet."""

    steps: tuple[str, ...]
    group: SplitGroup
    next_index: int = 0


@attrs.define
class _Running:
    task: ScheduledTask
    attempt: int = 0


class Scheduler:
    """State of one run.

    Parameters
    ----------
    graph
        A valid graph.
    attempts
        What each step's decorators allow; steps not named get one attempt.
    max_workers
        How many tasks run at once. The tasks of a ``num_parallel`` split talk to each other, so that all are started
        together as soon as one of them may be, however many they are.
    """

    def __init__(self, graph: Graph, attempts: Mapping[str, Attempts] | None = None, max_workers: int = 16) -> None:
        self._graph = graph
        self._attempts = attempts or {}
        self._max_workers = max_workers
        self._cyclic = steps_in_cycles(graph)
        self._ready: deque[_Waiting | _Expansion] = deque()
        self._running: dict[str, _Running] = {}
        self._last_id = 0
        self._failed: list[str] = []
        self._stopped: str | None = None
        self._ended = False
        self._reached_end = False

    def handle(self, event: Event) -> list[Instruction]:
        """Take one event; returns what is to be done, in order.

        Raises
        ------
        InternalError
            If the event is about a task that isn't running, or names steps that the graph doesn't have.
        """
        if isinstance(event, Begin):
            self._ready.append(_Waiting(self._graph.start, (), None, {}))
            return self._fill()
        if isinstance(event, Stop):
            return self._stop(event.reason)
        return self._attempt_ended(event)

    @property
    def running(self) -> int:
        """Tasks that were started and haven't ended."""
        return len(self._running)

    def _attempt_ended(self, event: AttemptEnded) -> list[Instruction]:
        running = self._running.get(event.task_id)
        if running is None:
            raise InternalError(f"an attempt ended of task {event.task_id}, which isn't running")
        if event.status == "succeeded":
            del self._running[event.task_id]
            self._advance(running.task, event.transition)
            return self._fill()
        attempt = self._next_attempt(running, event) if event.status != "cancelled" else None
        if attempt is not None and self._is_open():
            running.attempt = attempt
            return [Retry(running.task, attempt)]
        del self._running[event.task_id]
        if event.status == "cancelled" and not self._is_open():
            return self._fill()
        was_open = self._is_open()
        self._failed.append(event.task_id)
        if was_open and self._running:
            return [Cancel(tuple(self._running))]
        return self._fill()

    def _next_attempt(self, running: _Running, event: AttemptEnded) -> int | None:
        allowed = self._attempts.get(running.task.step, _ONE_ATTEMPT)
        user_attempts = 1 + allowed.retries
        following = running.attempt + 1
        if not event.retryable:
            following = max(following, user_attempts)
        return following if following < user_attempts + allowed.fallbacks else None

    def _stop(self, reason: str) -> list[Instruction]:
        if self._stopped is None:
            self._stopped = reason
        if self._running:
            return [Cancel(tuple(self._running))]
        return self._fill()

    def _is_open(self) -> bool:
        """Whether new tasks may start."""
        return not self._failed and self._stopped is None

    # --- the graph -------------------------------------------------------------------------------------------------

    def _advance(self, task: ScheduledTask, transition: Transition | None) -> None:
        if task.step == self._graph.end:
            self._reached_end = True
            return
        if task.frame is not None and task.frame.control and task.inputs == (task.frame.group.task_id,):
            self._fan_out(task, task.frame.group, transition)
            return
        if transition is None or not transition.steps:
            raise InternalError(f"task {task.id} of step {task.step} ended without a next step")
        for step in transition.steps:
            if step not in self._graph:
                raise InternalError(f"task {task.id} of step {task.step} went on to {step}, which isn't in the graph")
        if transition.foreach is not None and transition.num_splits is None:
            group = self._group(task, transition, 0)
            self._ready.append(_Waiting(transition.steps[0], (task.id,), Frame(group, 0, control=True), task.visits))
        elif transition.foreach is not None or transition.parallel:
            self._split(task, transition, transition.num_splits or 0)
        elif len(transition.steps) > 1:
            self._split(task, transition, len(transition.steps))
        else:
            self._pass_on(task, transition.steps[0])

    def _split(self, task: ScheduledTask, transition: Transition, width: int) -> None:
        if width < 1:
            raise InternalError(f"task {task.id} of step {task.step} split into nothing")
        self._ready.append(_Expansion(transition.steps, self._group(task, transition, width)))

    def _fan_out(self, control: ScheduledTask, group: SplitGroup, transition: Transition | None) -> None:
        """The control task of an unbounded foreach has said what the items are."""
        if transition is None or not transition.num_splits:
            raise InternalError(f"the control task {control.id} of step {control.step} ended without any items")
        group.width, group.items = transition.num_splits, transition.items
        self._ready.append(_Expansion((control.step,), group))

    def _group(self, task: ScheduledTask, transition: Transition, width: int) -> SplitGroup:
        return SplitGroup(
            step=task.step,
            task_id=task.id,
            parent=task.frame,
            width=width,
            variable=transition.foreach,
            items=transition.items,
            parallel=transition.parallel,
            key=task.key,
            visits=task.visits,
            unbounded=transition.foreach is not None and transition.num_splits is None,
        )

    def _pass_on(self, task: ScheduledTask, step: str) -> None:
        frame = task.frame
        if frame is None or not self._graph[step].is_join or self._graph[frame.group.step].matching_join != step:
            self._ready.append(_Waiting(step, (task.id,), frame, task.visits))
            return
        group = frame.group
        group.arrived[frame.index] = task.id
        if len(group.arrived) == group.width:
            inputs = tuple(group.arrived[index] for index in range(group.width))
            self._ready.append(_Waiting(step, inputs, group.parent, group.visits, group))

    # --- starting --------------------------------------------------------------------------------------------------

    def _fill(self) -> list[Instruction]:
        """Start what may start; finish when nothing runs and nothing can start."""
        instructions: list[Instruction] = []
        if self._is_open():
            while self._ready and len(self._running) < self._max_workers:
                for task in self._take():
                    self._running[task.id] = _Running(task)
                    instructions.append(Submit(task))
        if not self._running and not self._ended:
            self._ended = True
            succeeded = self._is_open() and self._reached_end
            instructions.append(Finish(succeeded, tuple(self._failed), self._stopped or ""))
        return instructions

    def _take(self) -> list[ScheduledTask]:
        """The next task; of a ``num_parallel`` split, all of them."""
        waiting = self._ready[0]
        if isinstance(waiting, _Waiting):
            self._ready.popleft()
            return [self._identify(waiting.step, waiting.inputs, waiting.frame, waiting.visits, waiting.closes)]
        index, group = waiting.next_index, waiting.group
        waiting.next_index = group.width if group.parallel else index + 1
        if waiting.next_index == group.width:
            self._ready.popleft()
        if group.parallel:
            group.control_task_id = str(self._last_id + 1)
        return [self._branch(waiting, branch) for branch in range(index, waiting.next_index)]

    def _branch(self, waiting: _Expansion, index: int) -> ScheduledTask:
        group = waiting.group
        step = waiting.steps[0] if group.is_foreach else waiting.steps[index]
        return self._identify(step, (group.task_id,), Frame(group, index), group.visits)

    def _identify(
        self,
        step: str,
        inputs: tuple[str, ...],
        frame: Frame | None,
        visits: Mapping[str, int],
        closes: SplitGroup | None = None,
    ) -> ScheduledTask:
        self._last_id += 1
        iteration = 0
        if step in self._cyclic:
            iteration = visits.get(step, -1) + 1
            visits = {**visits, step: iteration}
        key = f"{step}@{iteration}" if iteration else step
        if frame is not None:
            key = f"{frame.group.key}[{'control' if frame.control else frame.index}]/{key}"
        return ScheduledTask(str(self._last_id), step, inputs, frame, iteration, key, visits, closes)


_ONE_ATTEMPT = Attempts()
