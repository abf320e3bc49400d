"""A flow's decorators while they may still be changed: the flow's class itself, and its bases, stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import attrs

from flowkit.authoring.config_expressions import ConfigScope, has_delayed, resolved, resolved_arguments
from flowkit.authoring.decorators import FLOW_ATTRIBUTE, flow_decorators_of, step_decorators_of
from flowkit.authoring.flowspec import steps_of
from flowkit.compile.problems import located
from flowkit.errors import FlowkitError
from flowkit.model.graph import DecoratorSpec
from flowkit.model.problem import Problem

if TYPE_CHECKING:
    from flowkit.kernel.registry import Registry

__all__ = ["FlowDraft", "with_object"]


@attrs.define
class FlowDraft:
    """Decorators of one flow and its steps, with the configurations' values in their arguments."""

    flow_class: type[Any]
    registry: Registry
    scope: ConfigScope
    #: By step, in the order of their definition; decorators from the top down.
    steps: dict[str, list[DecoratorSpec]] = attrs.field(factory=dict)
    #: The flow's own decorators, then those of its bases.
    own: list[DecoratorSpec] = attrs.field(factory=list)
    inherited: list[DecoratorSpec] = attrs.field(factory=list)
    problems: list[Problem] = attrs.field(factory=list)

    @classmethod
    def of(cls, flow_class: type[Any], registry: Registry, scope: ConfigScope, *, is_known: bool = True) -> Self:
        """What the flow's author wrote.

        Parameters
        ----------
        is_known
            The configurations have values; else decorators that need one are left out.
        """
        draft = cls(flow_class, registry, scope)
        for name, function in steps_of(flow_class).items():
            draft.steps[name] = draft._known(step_decorators_of(function), name, is_known)
        count = len(vars(flow_class).get(FLOW_ATTRIBUTE, ()))
        specs = flow_decorators_of(flow_class)
        draft.own = draft._known(specs[:count], None, is_known)
        draft.inherited = draft._known(specs[count:], None, is_known)
        return draft

    def copy(self) -> FlowDraft:
        """Another that can be changed by itself."""
        steps = {name: list(specs) for name, specs in self.steps.items()}
        return attrs.evolve(
            self, steps=steps, own=list(self.own), inherited=list(self.inherited), problems=list(self.problems)
        )

    def resolved(self, spec: DecoratorSpec) -> DecoratorSpec:
        """``spec`` with the values that it needs of configurations. Raises ConfigurationError."""
        if not has_delayed(spec.attributes) and not has_delayed(spec.args):
            return spec
        attributes: Mapping[str, Any] = resolved_arguments(spec.attributes, self.scope)
        return attrs.evolve(spec, attributes=attributes, args=tuple(resolved(one, self.scope) for one in spec.args))

    def has_users(self) -> bool:
        """Whether any decorator is the user's own."""
        every = [self.own, self.inherited, *self.steps.values()]
        return any(spec.target is not None for specs in every for spec in specs)

    def _known(self, specs: tuple[DecoratorSpec, ...], step: str | None, is_known: bool) -> list[DecoratorSpec]:
        found = []
        for spec in specs:
            try:
                found.append(self.resolved(spec))
            except FlowkitError as error:
                # What is wrong with the configurations themselves is told once, elsewhere.
                if is_known:
                    text = f"@{spec.name}: {error.message}"
                    self.problems.append(located(text, spec.origin, "bad-config-expression", step))
        return found


def with_object(spec: DecoratorSpec) -> DecoratorSpec:
    """A decorator of the user's own with an object made of its class, once. Raises InvalidDecorator."""
    if not isinstance(spec.target, type):
        return spec
    from flowkit.authoring.user_decorators import build

    return attrs.evolve(spec, target=build(spec.target, spec))
