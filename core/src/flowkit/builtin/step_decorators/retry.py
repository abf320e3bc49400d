"""``@retry``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flowkit.builtin.step_decorators.arguments import number, whole_number
from flowkit.interfaces.step_decorator import Attempts, StepDecorator
from flowkit.model.graph import DecoratorSpec

__all__ = ["RetryDecorator"]


class RetryDecorator(StepDecorator):
    """Runs a failed task again."""

    name = "retry"
    acts_in_spin = False
    defaults: ClassVar[Mapping[str, Any]] = {"times": 3, "minutes_between_retries": 2}

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        self._times = whole_number(spec, "times", self.attributes["times"])
        minutes = number(spec, "minutes_between_retries", self.attributes["minutes_between_retries"])
        self._delay_seconds = 60 * minutes

    def attempts(self) -> Attempts:
        """``times`` more, each after the delay where the backend waits at all."""
        return Attempts(retries=self._times, delay_seconds=self._delay_seconds)
