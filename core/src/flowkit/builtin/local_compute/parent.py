"""The parent of tasks: a single-threaded process, forked from the one that imported the flow, that forks each task."""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn, cast

from flowkit.builtin.local_compute.child import become_task
from flowkit.builtin.local_compute.crash_report import catch_crashes
from flowkit.builtin.local_compute.fork_safety import resource_reason, thread_reason
from flowkit.builtin.local_compute.random_state import RandomPlan, plan_random_state
from flowkit.builtin.local_compute.task_messages import TaskReader
from flowkit.task.attempt import open_store, warm_up
from flowkit.task.process import Libc, prepare_streams
from flowkit.task.shared_inputs import SharedInputs

if TYPE_CHECKING:
    from flowkit.builtin.local_compute.inheritance import Inheritance
    from flowkit.builtin.local_compute.messages import Connection
    from flowkit.builtin.local_compute.shared_reader import SharedReader
    from flowkit.builtin.local_compute.task_messages import ToldTask
    from flowkit.model.task import TaskSpec
    from flowkit.task.shared_inputs import Contents

__all__ = ["ParentOfTasks"]

#: Modules that tasks with larger artifacts import: worth their time here once more than a few tasks have run.
_LATER = ("zstandard",)
_FEW_TASKS = 12
_REHEARSALS = 10


class ParentOfTasks:
    """Serves one launching process until that closes its end, or dies.

    Parameters
    ----------
    preload
        Modules to import before tasks are forked.
    check
        Whether to refuse if the process holds what children must not share.
    workers
        How many children there are when a task that is to begin later has to wait.
    """

    def __init__(
        self, connection: Connection, inheritance: Inheritance, *, preload: Sequence[str], check: bool, workers: int
    ) -> None:
        self._connection = connection
        self._inheritance = inheritance
        self._preload = preload
        self._check = check
        self._workers = workers
        self._later: deque[tuple[int, int, ToldTask, Sequence[int]]] = deque()
        self._running: dict[int, int] = {}
        self._pids: dict[int, int] = {}
        self._forked = 0
        self._reader = TaskReader()
        self._shared = inheritance.shared = SharedInputs(self._start_reader)
        #: The launching process's stderr, for this process's own faults.
        self._errors = -1
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def run(self, launcher: int) -> NoReturn:
        """Everything, to the end of the process."""
        self._errors = os.dup(2)
        try:
            libc = Libc()
            self._detach(libc, launcher)
            reason = self._load(libc)
            self._connection.send(("refused", 0, reason) if reason else ("ready", 0))
            if reason is None:
                self._serve()
        except (BrokenPipeError, ConnectionError):
            pass  # the launching process is gone
        except BaseException:
            os.dup2(self._errors, 2)
            sys.excepthook(*cast(Any, sys.exc_info()))
        self._kill_all()
        os._exit(0)

    # --- becoming the parent of tasks --------------------------------------------------------------------------------

    def _detach(self, libc: Libc, launcher: int) -> None:
        self._inheritance.parent = os.getpid()
        # The launcher's keys are not for this process; its end is, by SIGTERM, so that whole process groups can be
        # killed (and, if this process is killed itself, its children have SIGKILL as theirs).
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._terminated)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        libc.die_with_parent(launcher, signal.SIGTERM)
        null = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(null, fd)
        os.close(null)
        prepare_streams()
        self._inheritance.crash_fd = os.dup(0)
        catch_crashes(self._inheritance.crash_fd)
        # What the launcher had not written yet of C's output is its own to write: here it goes to /dev/null.
        libc.flush()
        libc.unbuffer_stdout()
        _forget_registered()
        self._inheritance.libc = libc

    def _load(self, libc: Libc) -> str | None:
        """Import what tasks need. Returns why tasks can't be forked, or None."""
        del libc
        plan: RandomPlan | None = plan_random_state() if self._check else None
        if plan is not None and plan.doubt is not None:
            return plan.doubt
        if self._check and (reason := resource_reason()) is not None:
            return reason
        _import_all((*self._preload, "faulthandler", "resource", "traceback"))
        if self._check and (reason := thread_reason() or resource_reason()) is not None:
            return reason
        self._inheritance.random = plan_random_state(plan)
        if self._check and self._inheritance.random.doubt is not None:
            return self._inheritance.random.doubt
        _rehearse_forks()
        gc.collect()
        gc.disable()
        gc.freeze()
        return None

    def _terminated(self, signum: int, frame: FrameType | None) -> None:
        del frame
        if os.getpid() == self._inheritance.parent:
            self._kill_all()
            os._exit(0)
        # A child that hasn't got its own handlers yet.
        signal.signal(signum, signal.SIG_DFL)
        os.kill(os.getpid(), signum)

    # --- serving ---------------------------------------------------------------------------------------------------

    def _serve(self) -> None:
        poller = select.poll()
        poller.register(self._wake_read, select.POLLIN)
        poller.register(self._connection.fileno(), select.POLLIN)
        while True:
            for fd, _ in poller.poll():
                if fd == self._wake_read:
                    os.read(self._wake_read, 4096)
                    self._reap()
                    self._fork_waiting()
                elif not self._receive():
                    return

    def _receive(self) -> bool:
        """Take one message. Returns False if there will be no more."""
        received = self._connection.receive()
        if received is None:
            return False
        message, fds = received
        if message[0] == "task":
            self._fork(message[1], message[2], self._reader.take(message[3]), fds)
        elif message[0] == "later":
            self._later.append((message[1], message[2], self._reader.take(message[3]), fds))
            self._fork_waiting()
        elif message[0] == "withdraw":
            self._withdraw(message[1])
        elif message[0] == "run":
            self._reader.run = message[2]
        elif message[0] == "signal":
            if (pid := self._pids.get(message[1])) is not None:
                _signal_group(pid, message[2])
            else:
                self._withdraw(message[1])
        return True

    def _withdraw(self, number: int) -> None:
        """Forget a task that waits."""
        for waiting in self._later:
            if waiting[0] == number:
                self._later.remove(waiting)
                for fd in waiting[3]:
                    os.close(fd)
                self._connection.send(("withdrawn", number))
                return

    def _fork_waiting(self) -> None:
        while self._later and len(self._running) < self._workers:
            self._fork(*self._later.popleft())

    def _fork(self, number: int, group: int, told: ToldTask, fds: Sequence[int]) -> None:
        self._get_ready(group, told)
        try:
            pid = os.fork()
        except OSError as error:
            pid = -1
            self._connection.send(("unforked", number, error.strerror or str(error)))
        if pid == 0:
            signal.set_wakeup_fd(-1)
            # What a task leaves running must not hold what the readers of the launching process wait for the end of.
            os.close(self._errors)
            os.close(self._wake_read)
            os.close(self._wake_write)
            for waiting in self._later:
                for fd in waiting[3]:
                    os.close(fd)
            become_task(self._inheritance, self._connection, number, self._reader.read(told), fds)
        for fd in fds:
            os.close(fd)
        if pid > 0:
            self._connection.send_started(number, pid)
            with suppress(OSError):  # it did so itself, or has ended
                os.setpgid(pid, pid)
            self._running[pid] = number
            self._pids[number] = pid

    def _get_ready(self, group: int, told: ToldTask) -> None:
        """Do once what every child would have to do."""
        self._forked += 1
        wants = self._shared.wants(group)
        if self._forked in (1, _FEW_TASKS):
            self._warm_up(self._reader.read(told))
        if wants:
            # What fails here fails in the child too, which can say so.
            with suppress(Exception):
                task = self._reader.read(told)
                self._shared.read(task, open_store(task, self._inheritance.compiled, self._inheritance.registry))

    def _start_reader(self, read: Callable[[], Contents]) -> SharedReader:
        from flowkit.builtin.local_compute.shared_reader import SharedReader

        return SharedReader(read, cast(Libc, self._inheritance.libc))

    def _warm_up(self, spec: TaskSpec) -> None:
        """At first the least, after a few tasks the rest."""
        if self._forked == _FEW_TASKS:
            _import_all(_LATER)
        # What fails here fails in the child too, which can say so.
        with suppress(Exception):
            if self._forked == 1:
                warm_up(spec, self._inheritance.compiled, self._inheritance.registry)
            else:
                from flowkit.task.rehearsal import rehearse

                rehearse(spec, self._inheritance.compiled, self._inheritance.registry, rounds=_REHEARSALS)
        gc.freeze()

    def _reap(self) -> None:
        """Report children that have ended, and kill what they left in their groups."""
        while True:
            try:
                # Looked at before it is taken: until then its process group can't be another's.
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            number = self._running.pop(found.si_pid, None)
            if number is not None:
                _signal_group(found.si_pid, signal.SIGKILL, leader=False)
            _, status, usage = os.wait4(found.si_pid, 0)
            if number is not None:
                del self._pids[number]
                code = os.waitstatus_to_exitcode(status)
                self._connection.send_ended(number, code, usage.ru_maxrss * 1024)

    def _kill_all(self) -> None:
        for pid in list(self._running):
            _signal_group(pid, signal.SIGKILL)


def _signal_group(pid: int, signum: int, *, leader: bool = True) -> None:
    try:
        os.killpg(pid, signum)
    except ProcessLookupError:
        # The group is empty, or isn't there yet.
        if leader:
            try:
                os.kill(pid, signum)
            except ProcessLookupError:
                return
    except PermissionError:
        return  # a set-user-ID program that the task left


def _forget_registered() -> None:
    """Drop what the launching process registered for its own end; keep what belongs to the standard library's end."""
    import atexit
    import weakref

    atexit._clear()
    finalize: Any = weakref.finalize
    finalize._registry.clear()
    finalize._registered_with_atexit = False
    multiprocessing: Any = sys.modules.get("multiprocessing.util")
    if multiprocessing is not None:
        multiprocessing._finalizer_registry.clear()
        atexit.register(multiprocessing._exit_function)
    logging: Any = sys.modules.get("logging")
    if logging is not None:
        atexit.register(logging.shutdown)


def _rehearse_forks() -> None:
    """Go through what the standard library does in each forked child.

    Python adapts code to its use when it has run a few times, which writes to it: in each child, pages to copy. It has
    no other effect where there is one thread: locks that nobody holds are made anew.
    """
    threading: Any = sys.modules.get("threading")
    if threading is None or threading.active_count() > 1:
        return
    for module, name in (("threading", "_after_fork"), ("logging", "_after_at_fork_child_reinit_locks")):
        hook: Any = getattr(sys.modules.get(module), name, None)
        if hook is not None:
            for _ in range(_REHEARSALS):
                hook()


def _import_all(names: Sequence[str]) -> None:
    import importlib

    for name in names:
        try:
            importlib.import_module(name)
        except BaseException:  # noqa: S112 - the step's own import will say what is wrong, where it can be caught
            continue
