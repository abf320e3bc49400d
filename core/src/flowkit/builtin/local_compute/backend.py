"""The compute backend ``local``: which way each task is started, and how it is ended."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowkit.builtin.local_compute.extras import current_extras
from flowkit.builtin.local_compute.fork_safety import platform_reason, thread_reason
from flowkit.builtin.local_compute.running import RunningTask
from flowkit.errors import FlowkitError
from flowkit.interfaces.compute_backend import ComputeBackend, LaunchContext, Reactor, TaskListener
from flowkit.model.task import TaskSpec

if TYPE_CHECKING:
    from flowkit.builtin.local_compute.forked import ForkedTasks
    from flowkit.builtin.local_compute.inheritance import Inheritance
    from flowkit.builtin.local_compute.spawned import SpawnedTasks

__all__ = ["LocalCompute"]

#: How long after its own time limit a task is ended from outside: the limit is first raised inside the step.
TIMEOUT_GRACE_SECONDS = 10.0


class LocalCompute(ComputeBackend):
    """Runs each attempt in a process of this machine: a fork of one that has imported the flow, where that is safe, and
    else a fresh interpreter.
    """

    name = "local"
    waits_before_retry = False

    def __init__(self, *, timeout_grace_seconds: float = TIMEOUT_GRACE_SECONDS) -> None:
        self._timeout_grace = timeout_grace_seconds
        self._launch: LaunchContext
        self._reactor: Reactor
        self._listener: TaskListener
        self._forked: ForkedTasks | None = None
        self._spawned_tasks: SpawnedTasks | None = None
        self._running: dict[tuple[str, int], RunningTask] = {}
        #: Tasks for fresh interpreters that are to start when another has ended.
        self._postponed: deque[tuple[RunningTask, str | None]] = deque()
        self._environment: Any = None
        self._explained: set[str] = set()

    @classmethod
    def current_extras(cls, spec: TaskSpec) -> Mapping[str, Any]:
        """``current.run`` and ``current.task``."""
        return current_extras(spec)

    # --- starting --------------------------------------------------------------------------------------------------

    def prepare(self, launch: LaunchContext) -> None:
        """Fork the parent of tasks, unless something speaks against it."""
        self._launch = launch
        reason = self._reason_against_fork()
        if reason is not None:
            self._explain(f"tasks start in fresh interpreters: {reason}")
            return
        from flowkit.builtin.local_compute.forked import ForkedTasks

        self._forked = ForkedTasks(
            self._inheritance(), launch.preload, check=launch.task_start != "fork", workers=launch.max_workers
        )
        self._explain("tasks are forked from a process that has imported the flow")

    def _reason_against_fork(self) -> str | None:
        if self._launch.task_start == "spawn":
            return "--task-start says so"
        reason = platform_reason()
        if reason is None and self._launch.task_start != "fork":
            reason = thread_reason()
        return reason

    def _inheritance(self) -> Inheritance:
        from flowkit.builtin.local_compute.inheritance import Inheritance
        from flowkit.compile.compiler import compile_flow
        from flowkit.kernel.registry import Registry
        from flowkit.settings import Settings

        launch = self._launch
        settings = launch.settings or Settings.load()
        registry = launch.registry or Registry.for_flow(settings, launch.flow_file)
        compiled = launch.compiled or compile_flow(launch.flow_class, registry)
        return Inheritance(compiled, registry, settings)

    def start(self, reactor: Reactor, listener: TaskListener) -> None:
        """Begin to follow the parent of tasks."""
        self._reactor = reactor
        self._listener = listener
        if self._forked is not None:
            self._forked.start(reactor, limit=self._limit, give_up=self._give_up)

    def submit(self, spec: TaskSpec) -> None:
        """Start a process for the attempt."""
        self._submit(spec, later=False)

    def lookahead(self) -> int:
        """As many as run at once, while all are forked."""
        is_forking = self._forked is not None and self._forked.is_ready and self._spawned_tasks is None
        return self._launch.max_workers if is_forking else 0

    def submit_later(self, spec: TaskSpec) -> None:
        """Start a process for the attempt as soon as another has ended."""
        self._submit(spec, later=True)

    def withdraw(self, spec: TaskSpec) -> None:
        """Don't start a process for the attempt, if none was started."""
        task = self._running.get((spec.task_id, spec.attempt))
        if task is None:
            return
        if not self._is_dropped(task, "the run ended before it started") and self._forked is not None:
            self._forked.withdraw(task)

    def _is_dropped(self, task: RunningTask, reason: str) -> bool:
        """Give up a task that was to start in a fresh interpreter later. Whether it was such a one."""
        waiting = next((one for one in self._postponed if one[0] is task), None)
        if waiting is None:
            return False
        self._postponed.remove(waiting)
        task.ended_for = "cancelled"
        task.ended(None, reason=reason)
        return True

    def _submit(self, spec: TaskSpec, *, later: bool) -> None:
        task = RunningTask(spec, self._reactor, self._listener, self._forget)
        self._running[spec.task_id, spec.attempt] = task
        try:
            interpreter = self._interpreter(spec)
        except FlowkitError as error:
            reason = f"{error.headline}: {error.message}"
            self._reactor.call_soon_threadsafe(lambda: task.ended(None, reason=reason))
            return
        why = self._reason_against_forking(spec, interpreter)
        if why is None and self._forked is not None:
            self._forked.begin(task, later=later)
            return
        if why is not None:
            self._explain(f"step {spec.step}: fresh interpreters: {why}")
        if later:
            self._postponed.append((task, interpreter))
        else:
            self._spawned().begin(task, interpreter)

    def _reason_against_forking(self, spec: TaskSpec, interpreter: str | None) -> str | None:
        if interpreter is not None:
            return "it has an environment of its own"
        if self._launch.task_start == "fork":
            return None
        if spec.variables:
            return f"environment variables are set for it ({', '.join(spec.variables)})"
        return None if spec.fork_safe else "a decorator of it asks for one"

    def _interpreter(self, spec: TaskSpec) -> str | None:
        """The Python of the step's own environment; None for the one that runs the flow."""
        if spec.run.environment == "local":
            return None
        if self._environment is None:
            registry = self._launch.registry or self._inheritance().registry
            self._environment = registry.get("environments", spec.run.environment)()
        return self._environment.interpreter(spec)  # type: ignore[no-any-return]

    def _spawned(self) -> SpawnedTasks:
        if self._spawned_tasks is None:
            from flowkit.builtin.local_compute.spawned import SpawnedTasks

            self._spawned_tasks = SpawnedTasks(self._reactor, limit=self._limit)
        return self._spawned_tasks

    # --- ending ----------------------------------------------------------------------------------------------------

    def cancel(self, spec: TaskSpec, *, force: bool = False) -> None:
        """Interrupt the attempt's processes as Ctrl-C would; asked again, terminate them; by force, kill them."""
        task = self._running.get((spec.task_id, spec.attempt))
        if task is None:
            return
        task.ended_for = task.ended_for or "cancelled"
        if self._is_dropped(task, "it was ended before it started"):
            return
        task.requests += 1
        polite = signal.SIGINT if task.requests == 1 else signal.SIGTERM
        self._signal(task, signal.SIGKILL if force else polite)

    def close(self) -> None:
        """Kill what still runs, and end the parent of tasks."""
        self._postponed.clear()
        for task in self._running.values():
            task.ended_for = task.ended_for or "cancelled"
        if self._forked is not None:
            self._forked.close()
            self._forked = None
        if self._spawned_tasks is not None:
            self._spawned_tasks.close()
        for task in list(self._running.values()):
            task.ended(None, reason="it was ended with the run")

    def _signal(self, task: RunningTask, signum: int) -> None:
        if self._forked is not None:
            self._forked.signal(task, signum)
        if self._spawned_tasks is not None:
            self._spawned_tasks.signal(task, signum)

    def _limit(self, task: RunningTask) -> tuple[float, Any]:
        seconds = task.spec.timeout_seconds
        return (seconds + self._timeout_grace if seconds > 0 else 0.0), self._timed_out

    def _timed_out(self, task: RunningTask) -> None:
        task.ended_for = task.ended_for or "timed_out"
        task.say(f"the task was ended: its time of {task.spec.timeout_seconds:g} s is over")
        self._signal(task, signal.SIGKILL)

    def _forget(self, task: RunningTask) -> None:
        self._running.pop((task.spec.task_id, task.spec.attempt), None)
        # A task that is only withdrawn made no room.
        if self._postponed and len(self._running) - len(self._postponed) < self._launch.max_workers:
            self._spawned().begin(*self._postponed.popleft())

    def _give_up(self, reason: str, unstarted: list[RunningTask], running: list[RunningTask]) -> None:
        """The parent of tasks refused, or was lost: fresh interpreters from here on."""
        self._forked = None
        self._explain(f"tasks start in fresh interpreters: {reason}")
        for task in running:
            task.ended(None, reason=f"the task's process was ended: {reason}")
        for task in unstarted:
            self._spawned().begin(task)

    def _explain(self, line: str) -> None:
        if line not in self._explained:
            self._explained.add(line)
            self._launch.explain(line)
