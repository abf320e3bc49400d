"""Serializers that decorators choose, by artifact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from flowkit.compile.problems import located
from flowkit.model.problem import Problem

if TYPE_CHECKING:
    from flowkit.compile.compiler import CompiledFlow
    from flowkit.interfaces.flow_decorator import FlowDecorator
    from flowkit.interfaces.step_decorator import StepDecorator
    from flowkit.kernel.registry import Registry

__all__ = ["chosen_serializers", "serializer_problems"]


def chosen_serializers(compiled: CompiledFlow, step: str) -> Mapping[str, str]:
    """Which serializer is to store which artifact of a step; the step's own choice counts before the flow's."""
    chosen: dict[str, str] = {}
    # Of two decorators of one kind, the upper one counts.
    for flow_decorator in reversed(compiled.flow_decorators):
        chosen.update(flow_decorator.serializers())
    for step_decorator in reversed(compiled.step_decorators.get(step, ())):
        chosen.update(step_decorator.serializers())
    return chosen


def serializer_problems(decorators: Iterable[StepDecorator | FlowDecorator], registry: Registry) -> Iterator[Problem]:
    """Choices of serializers that no plugin provides."""
    for decorator in decorators:
        for artifact, name in decorator.serializers().items():
            known = ["pickle", *registry.names("serializers")]
            if name not in known:
                text = f"@{decorator.name}({artifact}={name!r}): there is no serializer {name!r}; there are"
                yield located(f"{text}: {', '.join(sorted(known))}", decorator.spec.origin, "unknown-serializer")
