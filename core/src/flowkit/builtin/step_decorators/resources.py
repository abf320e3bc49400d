"""``@resources``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from flowkit.builtin.step_decorators.arguments import number, whole_number
from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.model.graph import DecoratorSpec
from flowkit.model.task import TaskSpec

__all__ = ["ResourcesDecorator"]


class ResourcesDecorator(StepDecorator):
    """What a step needs. It changes nothing by itself: backends read it."""

    name = "resources"
    #: ``memory``, ``disk`` and ``shared_memory`` in megabytes.
    defaults: ClassVar[Mapping[str, Any]] = {
        "cpu": 1,
        "gpu": None,
        "disk": None,
        "memory": 4096,
        "shared_memory": None,
    }
    allow_multiple = True

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        self._asked: dict[str, int | float] = {}
        for argument, value in self.attributes.items():
            if value is None:
                continue
            if argument == "cpu":
                cpu = number(spec, argument, value)
                self._asked[argument] = int(cpu) if cpu.is_integer() else cpu
            else:
                self._asked[argument] = whole_number(spec, argument, value)

    def plan(self, spec: TaskSpec) -> TaskSpec:
        """Ask for the most of this and what another decorator asked for."""
        merged = dict(spec.resources)
        for argument, value in self._asked.items():
            merged[argument] = max(value, merged.get(argument) or 0)
        return attrs.evolve(spec, resources=merged)
