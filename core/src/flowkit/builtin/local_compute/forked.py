"""Starts tasks by way of the parent of tasks: the launching process's side."""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from flowkit.builtin.local_compute.inheritance import Inheritance
from flowkit.builtin.local_compute.messages import Connection, socket_pair
from flowkit.builtin.local_compute.running import RunningTask
from flowkit.builtin.local_compute.task_messages import TaskWriter
from flowkit.interfaces.compute_backend import Reactor

__all__ = ["ForkedTasks"]

_RETRY_SECONDS = 0.005
#: Messages of a child that it sends before it writes.
_BEFORE_OUTPUT = frozenset({"started", "secrets"})


class ForkedTasks:
    """The parent of tasks, as the launching process sees it. It is forked when this object is made.

    Parameters
    ----------
    check
        Whether the parent of tasks looks for what speaks against forking.
    workers
        How many children there are when a task that is to begin later has to wait.
    """

    def __init__(self, inheritance: Inheritance, preload: Sequence[str], *, check: bool, workers: int) -> None:
        self._connection, theirs = socket_pair()
        self.pid = _fork_parent(self._connection, theirs, inheritance, preload, check=check, workers=workers)
        theirs.close()
        self._connection.set_blocking(False)
        self._reactor: Reactor | None = None
        self._give_up: Callable[[str, list[RunningTask], list[RunningTask]], None]
        self._limit: Callable[[RunningTask], tuple[float, Callable[[RunningTask], None]]]
        self._numbers: dict[RunningTask, int] = {}
        self._tasks: dict[int, RunningTask] = {}
        #: Messages that wait: for the parent of tasks to be ready, or for room in the socket.
        self._waiting: deque[tuple[tuple[Any, ...], RunningTask]] = deque()
        self._inbox: deque[tuple[Any, ...]] = deque()
        self._writer = TaskWriter()
        self._next_number = 1
        self._is_ready = False
        self._pidfd = -1

    def start(
        self,
        reactor: Reactor,
        *,
        limit: Callable[[RunningTask], tuple[float, Callable[[RunningTask], None]]],
        give_up: Callable[[str, list[RunningTask], list[RunningTask]], None],
    ) -> None:
        """Begin to listen.

        Parameters
        ----------
        limit
            Gives the time limit of a task that has started.
        give_up
            Called once if no more tasks can be started this way: with the reason, the tasks that didn't start, and
            those that were running and are lost.
        """
        self._reactor = reactor
        self._limit = limit
        self._give_up = give_up
        self._pidfd = os.pidfd_open(self.pid)
        reactor.add_reader(self._pidfd, self._lost)
        reactor.add_reader(self._connection.fileno(), self._receive)

    # --- towards the parent of tasks ---------------------------------------------------------------------------------

    @property
    def is_ready(self) -> bool:
        """Whether it has said that it can fork tasks."""
        return self._is_ready

    def begin(self, task: RunningTask, *, later: bool = False) -> None:
        """Have a child forked for the task: at once, or as soon as another child has ended."""
        number = self._next_number
        self._next_number += 1
        self._numbers[task] = number
        self._tasks[number] = task
        task.before_output = self._pull_for_output
        self._waiting.append((("task", number, later), task))
        self._flush()

    def signal(self, task: RunningTask, signum: int) -> None:
        """Send a signal to the task's process group; one that hasn't started doesn't start."""
        for entry in self._waiting:
            if entry[1] is task and entry[0][0] == "task":
                self._waiting.remove(entry)
                self._forget(task)
                task.ended(None, reason="it was ended before it started")
                return
        if task in self._numbers:
            self._waiting.append((("signal", self._numbers[task], signum), task))
            self._flush()

    def withdraw(self, task: RunningTask) -> None:
        """Don't fork a child for the task, if none was."""
        if task in self._numbers:
            self._waiting.append((("withdraw", self._numbers[task]), task))
            self._flush()

    def _flush(self) -> None:
        while self._is_ready and self._waiting:
            message, task = self._waiting[0]
            try:
                if message[0] == "task":
                    self._send_task(message[1], task, later=message[2])
                else:
                    self._connection.send(message)
            except BlockingIOError:
                if self._reactor is not None:
                    self._reactor.call_later(_RETRY_SECONDS, self._flush)
                return
            except OSError:
                return  # it is gone: that is noticed by itself
            self._waiting.popleft()

    def _send_task(self, number: int, task: RunningTask, *, later: bool) -> None:
        if (run := self._writer.shared(task.spec)) is not None:
            self._connection.send(("run", 0, run))
            self._writer.was_told(run)
        group, message = self._writer.write(task.spec)
        ends = task.open_pipes()
        try:
            self._connection.send_task(number, group, message, ends, later=later)
            self._writer.was_sent(task.spec, message)
        except OSError:
            task.close_pipes()
            raise
        finally:
            for fd in ends:
                os.close(fd)

    # --- from the parent of tasks, and from its children -----------------------------------------------------------

    def _receive(self) -> None:
        self._pull()
        while self._inbox:
            self._handle(*self._inbox.popleft())

    def _pull(self) -> None:
        """Take messages from the socket. What must come before the output of its task is handled at once."""
        while self._connection.fileno() >= 0:
            try:
                received = self._connection.receive()
            except BlockingIOError:
                return
            if received is None:
                return  # its end is noticed by its process
            message = received[0]
            if message[0] in _BEFORE_OUTPUT:
                self._handle(*message)
            else:
                self._inbox.append(message)

    def _pull_for_output(self) -> None:
        """Called when output was read, and before it is reported."""
        self._pull()
        if self._inbox and self._reactor is not None:
            self._reactor.call_soon_threadsafe(self._receive)

    def _handle(self, kind: str, number: int, *details: Any) -> None:
        if kind == "ready":
            self._is_ready = True
            self._flush()
        elif kind == "refused":
            self._end(str(details[0]))
        elif (task := self._tasks.get(number)) is not None:
            if kind == "outcome":
                task.reported(details[0])
            elif kind == "ended":
                self._forget(task)
                task.ended(details[0], peak_memory=details[1])
            elif kind == "started":
                task.started(details[0], {"start": "fork"}, self._limit(task))
            elif kind == "secrets":
                task.secrets(details[0])
            elif kind == "withdrawn":
                self._forget(task)
                task.ended_for = task.ended_for or "cancelled"
                task.ended(None, reason="the run ended before it started")
            elif kind == "unforked":
                self._forget(task)
                task.ended(None, reason=f"the task's process couldn't be started: {details[0]}")

    def _forget(self, task: RunningTask) -> None:
        number = self._numbers.pop(task, None)
        if number is not None:
            del self._tasks[number]

    # --- the end ---------------------------------------------------------------------------------------------------

    def _lost(self) -> None:
        self._receive()
        if self._pidfd >= 0:
            self._end("the parent of tasks was lost, probably because the system was out of memory")

    def _end(self, reason: str) -> None:
        unstarted = [task for message, task in self._waiting if message[0] == "task"]
        running = [task for task in self._tasks.values() if task not in unstarted]
        self._waiting.clear()
        self._tasks.clear()
        self._numbers.clear()
        for task in running:
            if task.pid is not None:
                _kill_group(task.pid)
        self._release()
        self._give_up(reason, unstarted, running)

    def close(self) -> None:
        """End the parent of tasks, and with it all its children."""
        if self._connection.fileno() >= 0:
            self._release()

    def _release(self) -> None:
        if self._reactor is not None:
            self._reactor.remove_reader(self._connection.fileno())
            self._reactor.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        self._connection.close()
        try:
            # While it still imports modules it has no children, and may be slow to take a SIGTERM.
            os.kill(self.pid, signal.SIGTERM if self._is_ready else signal.SIGKILL)
            os.waitpid(self.pid, 0)
        except (ProcessLookupError, ChildProcessError):
            return


def _fork_parent(
    ours: Connection,
    theirs: Connection,
    inheritance: Inheritance,
    preload: Sequence[str],
    *,
    check: bool,
    workers: int,
) -> int:
    import warnings

    launcher = os.getpid()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue
    random: Any = sys.modules.get("random")
    state = random.getstate() if random is not None else None
    with warnings.catch_warnings():
        # Python 3.12 and later warn of any thread; which ones there are was looked at.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            if state is not None:
                random.setstate(state)  # Python has seeded it anew
            # Imported here: in the launching process, nothing waits for it.
            from flowkit.builtin.local_compute.parent import ParentOfTasks

            ParentOfTasks(theirs, inheritance, preload=preload, check=check, workers=workers).run(launcher)
        finally:
            os._exit(1)
    return pid


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
