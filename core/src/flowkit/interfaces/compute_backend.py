"""Where tasks run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeVar

import attrs

from flowkit.model.log import Stream
from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["IN_PROCESS", "ComputeBackend", "LaunchContext", "Reactor", "TaskListener", "Timer"]

T = TypeVar("T")

#: Name of the backend that runs attempts in the launching process itself.
IN_PROCESS = "inprocess"


class Timer(Protocol):
    """A call that is to come."""

    def cancel(self) -> None:
        """Don't call."""


class Reactor(Protocol):
    """The launching process's event loop, as backends see it. All but the last are called from its own thread."""

    def add_reader(self, fd: int, callback: Callable[[], object]) -> None:
        """Call ``callback`` whenever ``fd`` can be read."""

    def remove_reader(self, fd: int) -> None:
        """Stop watching ``fd``."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call ``callback`` once, after ``seconds``."""

    def call_soon_threadsafe(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` from the loop's thread; may be called from any thread."""


class TaskListener(Protocol):
    """What a backend reports to. Each method is called from the reactor's thread."""

    def task_started(self, spec: TaskSpec, info: Mapping[str, str]) -> None:
        """The attempt's process is there. ``info``: where (``pid``, ``job-id``), recorded as metadata."""

    def task_output(self, spec: TaskSpec, stream: Stream, time: float, data: bytes) -> None:
        """Output arrived: any bytes, lines or parts of lines."""

    def task_secrets(self, spec: TaskSpec, values: Sequence[str]) -> None:
        """From here on, these values are redacted in the attempt's output.

        Only for a backend whose way of talking to its tasks carries secrets: elsewhere, tasks mask their own output.
        """

    def task_ended(self, spec: TaskSpec, outcome: TaskOutcome) -> None:
        """The attempt is over and all its output was reported. Called exactly once for each submitted spec."""


@attrs.frozen
class LaunchContext:
    """What a backend may know before a run starts."""

    #: The flow's class, imported in this process.
    flow_class: type[Any]
    flow_file: str
    #: Names of modules that the step bodies import (from their source), to be imported once before tasks fork.
    preload: Sequence[str]
    max_workers: int
    #: ``auto``, ``fork`` or ``spawn``.
    task_start: str = "auto"
    #: Says a line to the user where ``-v`` was given.
    explain: Callable[[str], None] = attrs.field(default=lambda _line: None)
    #: The launching process's ``CompiledFlow``, ``Registry`` and ``Settings``, for a backend that runs tasks from this
    #: process without building them again; None where they aren't there (a backend then builds its own).
    compiled: Any = None
    registry: Any = None
    settings: Any = None


class ComputeBackend(ABC):
    """Runs attempts of tasks. Contract: :class:`flowkit.testing.compute.ComputeBackendContract`."""

    api_version: ClassVar[int] = 1
    name: ClassVar[str]
    #: Whether tasks run where the flow's files aren't. The code is then stored before the first task starts, and
    #: ``spec.run`` names it: ``code``, and ``extra["framework_code"]`` for FlowKit's own packages. Both are the SHA-256
    #: of an archive at :func:`flowkit.artifacts.layout.code_key`. A run whose code can't be stored doesn't start.
    needs_code: ClassVar[bool] = False
    #: Whether ``retry_delay_seconds`` is waited for.
    waits_before_retry: ClassVar[bool] = True

    @classmethod
    def current_extras(cls, spec: TaskSpec) -> Mapping[str, Any]:  # noqa: ARG003 - for those that override it
        """In the task's process: more for ``current`` to answer. A callable is called when it is first asked for."""
        return {}

    def prepare(self, launch: LaunchContext) -> None:
        """Called once, before the launching process has any thread, database or connection."""
        return

    @abstractmethod
    def start(self, reactor: Reactor, listener: TaskListener) -> None:
        """Called once, when the loop starts."""

    def around_loop(self, run: Callable[[], T]) -> T:
        """Run the loop, by calling ``run``, and return what it returns.

        For a backend that needs the thread that the launching process began with: it may have ``run`` called in
        another, from which then all its other methods are called. What ``run`` raises is raised.
        """
        return run()

    @abstractmethod
    def submit(self, spec: TaskSpec) -> None:
        """Begin an attempt. Returns at once; a failure to begin is reported as an outcome."""

    def lookahead(self) -> int:
        """How many attempts this backend takes by :meth:`submit_later`, now; 0 if none."""
        return 0

    def submit_later(self, spec: TaskSpec) -> None:
        """Begin an attempt as soon as one of those that run has ended, without asking. Returns at once."""
        self.submit(spec)

    def withdraw(self, spec: TaskSpec) -> None:
        """An attempt that was submitted for later isn't to begin. ``task_ended`` follows; one that began goes on."""
        return

    @abstractmethod
    def cancel(self, spec: TaskSpec, *, force: bool = False) -> None:
        """End an attempt: politely, or by force. ``task_ended`` follows. One that has ended is passed over."""

    @abstractmethod
    def close(self) -> None:
        """End all that still runs and give everything back. Called once, also after an error."""
