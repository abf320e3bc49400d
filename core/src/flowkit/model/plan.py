"""A flow as it is to run, in the one form that every deployer compiles from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from flowkit.model.graph import DecoratorSpec, Graph, Node
from flowkit.model.parameter import ParameterSpec

__all__ = ["Attempts", "Plan", "StepPlan"]


@attrs.frozen
class Attempts:
    """How many more times a failed step is run: with the user's code, and after those only to handle the failure."""

    retries: int = 0
    fallbacks: int = 0
    delay_seconds: float = 0


@attrs.frozen
class StepPlan:
    """One step, as an orchestrator must run it."""

    node: Node
    attempts: Attempts
    #: Seconds after which an attempt is ended; 0 for no limit.
    timeout_seconds: float
    variables: Mapping[str, str]
    resources: Mapping[str, Any]
    #: Name of the compute backend.
    backend: str
    #: What decorators hand to their part in the task, by decorator name.
    extra: Mapping[str, Any]


@attrs.frozen
class Plan:
    """A flow, ready to be compiled into another system's form."""

    name: str
    #: The flow's file, absolute.
    file: str
    doc: str
    graph: Graph
    #: In topological order.
    steps: Mapping[str, StepPlan]
    parameters: tuple[ParameterSpec, ...]
    decorators: tuple[DecoratorSpec, ...]

    def decorator(self, name: str) -> DecoratorSpec | None:
        """The flow's decorator of this name, the first if there are several; None if it has none."""
        return next((spec for spec in self.decorators if spec.name == name), None)
