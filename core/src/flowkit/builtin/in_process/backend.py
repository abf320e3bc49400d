"""Runs attempts in the launching process's main thread, one at a time, while the run's loop goes on in another."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar, TypeVar

import attrs

from flowkit.builtin.in_process.environment import environment
from flowkit.builtin.in_process.terminal import shown_and_reported
from flowkit.builtin.local_compute.extras import current_extras
from flowkit.errors import InternalError
from flowkit.interfaces.compute_backend import IN_PROCESS, ComputeBackend, LaunchContext, Reactor, TaskListener
from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["InProcess"]

T = TypeVar("T")

_FOR_MAIN_THREAD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class InProcess(ComputeBackend):
    """A debugger needs the step's code in the process that it was started in, and stdin.

    The loop runs in a thread of its own, so that other tasks, and the signs of life of the run, go on while somebody
    sits at a prompt.
    """

    name: ClassVar[str] = IN_PROCESS
    waits_before_retry: ClassVar[bool] = False

    def __init__(self) -> None:
        self._launch: LaunchContext
        self._reactor: Reactor
        self._listener: TaskListener
        self._waiting: queue.SimpleQueue[TaskSpec | None] = queue.SimpleQueue()
        #: Attempts that are to end before they begin.
        self._cancelled: set[tuple[str, int]] = set()
        #: The attempt that runs, and whether it was asked to end.
        self._running: TaskSpec | None = None
        self._was_asked = False
        self._lock = threading.Lock()

    @classmethod
    def current_extras(cls, spec: TaskSpec) -> Mapping[str, Any]:
        """``current.run`` and ``current.task``."""
        return current_extras(spec)

    def prepare(self, launch: LaunchContext) -> None:
        """Keep what attempts need."""
        self._launch = launch
        launch.explain("tasks of the steps that --inproc names run in this process")

    def start(self, reactor: Reactor, listener: TaskListener) -> None:
        """Begin to take attempts."""
        self._reactor = reactor
        self._listener = listener

    def around_loop(self, run: Callable[[], T]) -> T:
        """Have the loop run in another thread, and run attempts in this one until it has ended."""
        results: list[T] = []
        errors: list[BaseException] = []

        def loop() -> None:
            # Ctrl-C must reach the thread that is to be interrupted, even out of a call that waits.
            signal.pthread_sigmask(signal.SIG_BLOCK, _FOR_MAIN_THREAD)
            try:
                results.append(run())
            except BaseException as error:
                errors.append(error)
            finally:
                self._waiting.put(None)

        thread = threading.Thread(target=loop, name="flowkit-loop", daemon=True)
        thread.start()
        while (spec := self._next()) is not None:
            self._attempt(spec)
        thread.join()
        if errors:
            raise errors[0]
        return results[0]

    def _next(self) -> TaskSpec | None:
        # With a timeout, so that signals are handled while nothing is to be done.
        while True:
            try:
                return self._waiting.get(timeout=0.5)
            except queue.Empty:
                continue

    # --- called from the loop's thread -------------------------------------------------------------------------------

    def submit(self, spec: TaskSpec) -> None:
        """Put the attempt at the end of the row."""
        self._waiting.put(spec)

    def cancel(self, spec: TaskSpec, *, force: bool = False) -> None:
        """Drop an attempt that waits. One that runs is interrupted where the user asked for that.

        The end of another task's time is no reason to end what somebody debugs: that is let go on.
        """
        with self._lock:
            if self._running is None or self._running.task_id != spec.task_id:
                self._cancelled.add((spec.task_id, spec.attempt))
                return
            if force and not self._was_asked:
                return
            self._was_asked = True
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    def close(self) -> None:
        """Nothing runs any more where this is called: forget what still waits."""
        self._cancelled.clear()

    # --- called from the main thread ---------------------------------------------------------------------------------

    def _attempt(self, spec: TaskSpec) -> None:
        identity = (spec.task_id, spec.attempt)
        with self._lock:
            if identity in self._cancelled:
                self._report(self._listener.task_ended, spec, TaskOutcome("cancelled"))
                return
            self._running, self._was_asked = spec, False
        self._call(self._listener.task_started, spec, {"pid": str(os.getpid()), "start": "inprocess"})
        outcome = self._run(spec)
        with self._lock:
            self._running = None
        failure = "" if outcome.failure is None else outcome.failure.type
        if failure == "bdb.BdbQuit":  # whoever leaves the debugger doesn't want the step to begin again
            outcome = attrs.evolve(outcome, retryable=False)
        elif failure == "KeyboardInterrupt":
            # Ctrl-C ends the run, as it does everywhere.
            outcome = attrs.evolve(outcome, status="cancelled")
            if not self._was_asked:
                signal.raise_signal(signal.SIGINT)
        self._report(self._listener.task_ended, spec, outcome)

    def _run(self, spec: TaskSpec) -> TaskOutcome:
        from flowkit.authoring.current import current
        from flowkit.task.attempt import run_attempt

        launch = self._launch
        if launch.compiled is None or launch.registry is None:
            raise InternalError("a task can only run in a process that has compiled its flow")
        with ExitStack() as scopes:
            output = scopes.enter_context(shown_and_reported(lambda *line: self._report(self._output, spec, *line)))

            def secrets(values: Sequence[str]) -> None:
                output.redact(values)
                self._report(self._listener.task_secrets, spec, tuple(values))

            scopes.enter_context(environment(spec.variables))
            scopes.callback(current._clear)
            previous = signal.signal(signal.SIGINT, signal.default_int_handler)
            scopes.callback(signal.signal, signal.SIGINT, previous)
            return run_attempt(
                spec,
                launch.compiled,
                launch.registry,
                launch.settings,
                send_secrets=secrets,
                current_extras=current_extras(spec),
            )

    def _output(self, spec: TaskSpec, *line: Any) -> None:
        self._listener.task_output(spec, *line)

    def _report(self, method: Callable[..., None], *values: Any) -> None:
        """Call a method of the listener from the loop's thread."""
        self._reactor.call_soon_threadsafe(lambda: method(*values))

    def _call(self, method: Callable[..., None], *values: Any) -> None:
        """As :meth:`_report`, and wait until it was called."""
        done = threading.Event()

        def call() -> None:
            try:
                method(*values)
            finally:
                done.set()

        self._reactor.call_soon_threadsafe(call)
        # If the loop has failed, nobody calls any more.
        done.wait(timeout=10)
