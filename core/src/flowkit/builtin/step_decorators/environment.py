"""``@environment``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from flowkit.builtin.step_decorators.arguments import mapping, refuse
from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.model.graph import DecoratorSpec
from flowkit.model.task import TaskSpec

__all__ = ["EnvironmentDecorator"]


class EnvironmentDecorator(StepDecorator):
    """Sets environment variables for a step.

    The step gets a fresh interpreter, for many libraries read their variables when they are loaded; ``fork_safe=True``
    says that these may be set later.
    """

    name = "environment"
    defaults: ClassVar[Mapping[str, Any]] = {"vars": {}, "fork_safe": False}

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        if not isinstance(self.attributes["fork_safe"], bool):
            raise refuse(spec, "fork_safe", self.attributes["fork_safe"], "True or False")
        self.fork_safe = self.attributes["fork_safe"]
        variables = mapping(spec, "vars", self.attributes["vars"])
        self._variables = {self._name(name): self._text(name, value) for name, value in variables.items()}

    def plan(self, spec: TaskSpec) -> TaskSpec:
        """Add the variables."""
        return attrs.evolve(spec, variables={**spec.variables, **self._variables})

    def _name(self, name: Any) -> str:
        if not isinstance(name, str) or not name or "=" in name or "\0" in name:
            raise refuse(self.spec, "vars", dict(self.attributes["vars"]), "a dict of variables' names and values")
        return name

    def _text(self, name: str, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float) or "\0" in str(value):
            raise refuse(self.spec, f"vars[{name!r}]", value, "a text or a number")
        return str(value)
