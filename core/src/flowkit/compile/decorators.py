"""From decorators as they were written to the objects that act."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowkit.authoring.decorators import step_decorators_of
from flowkit.authoring.step import mark_of
from flowkit.compile.problems import located
from flowkit.errors import FlowkitError
from flowkit.interfaces.flow_decorator import FlowDecorator
from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.model.graph import DecoratorSpec
from flowkit.model.problem import Problem

if TYPE_CHECKING:
    from flowkit.kernel.registry import Registry

__all__ = ["Resolver", "decorated_non_steps", "with_added"]


class Resolver:
    """Builds the decorators of one flow; what goes wrong is collected in ``problems``."""

    def __init__(self, registry: Registry) -> None:
        self.problems: list[Problem] = []
        self._registry = registry

    def known(self, added: Sequence[DecoratorSpec]) -> list[DecoratorSpec]:
        """Those of ``--with`` that can be built; what is wrong with another is told once, not for every step."""
        return [spec for spec in map(self._named, added) if self._make("step_decorators", spec, None) is not None]

    def of_step(self, step: str, specs: Sequence[DecoratorSpec]) -> tuple[StepDecorator, ...]:
        """What acts for each of a step's decorators."""
        found: list[StepDecorator] = []
        for spec in specs:
            decorator = self._make("step_decorators", spec, step)
            if decorator is None:
                continue
            before = next((one for one in found if one.name == decorator.name), None)
            if before is not None and not decorator.allow_multiple:
                self._duplicate(spec, before.spec, step)
            else:
                found.append(decorator)
        return tuple(found)

    def of_flow(self, specs: Sequence[DecoratorSpec], inherited: Sequence[DecoratorSpec]) -> tuple[FlowDecorator, ...]:
        """Decorators of a flow and of its bases; one of the flow's own replaces a base's of the same name."""
        found: list[FlowDecorator] = []
        own = {spec.name: spec for spec in specs}
        for spec in (*specs, *inherited):
            decorator = self._make("flow_decorators", spec, None)
            if decorator is None:
                continue
            before = next((one for one in found if one.name == decorator.name), None)
            if before is None or decorator.allow_multiple:
                found.append(decorator)
            elif spec is not own.get(spec.name) and own.get(spec.name) is before.spec:
                continue
            else:
                self._duplicate(spec, before.spec, None)
        return tuple(found)

    def _named(self, spec: DecoratorSpec) -> DecoratorSpec:
        if spec.name in self._registry.names("step_decorators"):
            return spec
        from flowkit.compile.added_decorators import named_spec

        try:
            return named_spec(spec, "step", self._registry)
        except FlowkitError as error:
            self.problems.append(located(error.message, spec.origin, "unknown-decorator"))
            return spec

    def _make(self, kind: str, spec: DecoratorSpec, step: str | None) -> Any:
        if spec.target is not None:
            return self._adapted(kind, spec, step)
        try:
            decorator_class = self._registry.get(kind, spec.name)
        except FlowkitError as error:
            is_for, other = ("steps", "flow_decorators") if kind == "step_decorators" else ("flows", "step_decorators")
            message = error.message
            if spec.name in self._registry.names(other):
                message = f"@{spec.name} is a decorator of {'flows' if is_for == 'steps' else 'steps'}, not of {is_for}"
            self.problems.append(located(message, spec.origin, "unknown-decorator", step))
            return None
        try:
            decorator = decorator_class(spec)
            if kind == "step_decorators":
                decorator.registry = self._registry
            return decorator
        except FlowkitError as error:
            self.problems.append(located(error.message, spec.origin, "bad-decorator", step))
            return None

    def _adapted(self, kind: str, spec: DecoratorSpec, step: str | None) -> Any:
        """A decorator of the user's own."""
        from flowkit.compile.user_decorators import UserFlowDecorator, UserStepAdapter

        try:
            return (UserStepAdapter if kind == "step_decorators" else UserFlowDecorator)(spec)
        except FlowkitError as error:
            self.problems.append(located(error.message, spec.origin, "bad-decorator", step))
            return None

    def _duplicate(self, spec: DecoratorSpec, before: DecoratorSpec, step: str | None) -> None:
        text = f"@{spec.name} is given twice, here and at {before.origin}; remove one"
        self.problems.append(located(text, spec.origin, "duplicate-decorator", step))


def with_added(specs: Sequence[DecoratorSpec], added: Sequence[DecoratorSpec]) -> list[DecoratorSpec]:
    """A step's decorators, and those that ``--with`` adds to steps that don't have them."""
    own = {_identity(spec) for spec in specs}
    new = [spec for spec in added if _identity(spec) not in own]
    # The user's own are outermost, as if they were written above the others.
    return [*(one for one in new if one.target), *specs, *(one for one in new if not one.target)]


def _identity(spec: DecoratorSpec) -> str:
    """The same for two uses of one decorator."""
    if spec.target is None:
        return spec.name
    target = spec.target if isinstance(spec.target, type) else type(spec.target)
    return f"{target.__module__}.{target.__qualname__}"


def decorated_non_steps(flow_class: type[Any]) -> Iterable[Problem]:
    """Methods that have decorators for steps, but aren't steps."""
    functions: Mapping[str, Any] = {
        name: value for base in reversed(flow_class.__mro__) for name, value in vars(base).items() if callable(value)
    }
    for name, function in functions.items():
        specs = step_decorators_of(function)
        if specs and mark_of(function) is None and not isinstance(function, type):
            yield located(
                f"@{specs[0].name} is on the method {name!r}, which isn't a step; add @step",
                specs[0].origin,
                "not-a-step",
            )
