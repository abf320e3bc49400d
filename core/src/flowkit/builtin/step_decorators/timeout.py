"""``@timeout``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, ClassVar, NoReturn

import attrs

from flowkit.builtin.step_decorators.arguments import number
from flowkit.errors import InvalidDecorator, StepTimeout
from flowkit.interfaces.compute_backend import IN_PROCESS
from flowkit.interfaces.step_decorator import StepDecorator, TaskContext
from flowkit.model.graph import DecoratorSpec
from flowkit.model.task import TaskSpec

__all__ = ["TimeoutDecorator"]


class TimeoutDecorator(StepDecorator):
    """Ends an attempt that takes too long.

    In the task, StepTimeout is raised in the step's code; a step that doesn't let itself be interrupted so is killed by
    the backend, which reads ``timeout_seconds``.
    """

    name = "timeout"
    defaults: ClassVar[Mapping[str, Any]] = {"seconds": 0, "minutes": 0, "hours": 0}
    #: Inside @catch, which handles the exception, and outside of decorators whose time counts, too.
    order = 20

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        given = {unit: number(spec, unit, self.attributes[unit]) for unit in ("hours", "minutes", "seconds")}
        self.seconds = 3600 * given["hours"] + 60 * given["minutes"] + given["seconds"]
        if not self.seconds:
            raise InvalidDecorator(
                f"{spec.origin}: @timeout needs a time: seconds, minutes or hours, which are added up"
            )

    def plan(self, spec: TaskSpec) -> TaskSpec:
        """Set the limit; a shorter one of another decorator stays. A fallback attempt runs no code to be limited."""
        if spec.is_fallback or 0 < spec.timeout_seconds <= self.seconds:
            return spec
        return attrs.evolve(spec, timeout_seconds=self.seconds)

    def around(self, run: Callable[[], None], context: TaskContext) -> None:
        """Run the step with an alarm set, where the system has one and this is the main thread."""
        has_alarm = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        # In the launching process somebody may be debugging.
        if not has_alarm or context.spec.is_fallback or context.spec.backend == IN_PROCESS:
            run()
            return
        step = context.spec.step

        def raise_timeout(_signal: int, _frame: FrameType | None) -> NoReturn:
            raise StepTimeout(f"step {step!r} ran longer than its @timeout of {_duration(self.seconds)}")

        previous = signal.signal(signal.SIGALRM, raise_timeout)
        try:
            signal.setitimer(signal.ITIMER_REAL, self.seconds)
            run()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)


def _duration(seconds: float) -> str:
    """``1 h 2 min 3 s``, without the parts that are 0."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{value:g} {unit}" for value, unit in ((hours, "h"), (minutes, "min"), (rest, "s")) if value]
    return " ".join(parts)
