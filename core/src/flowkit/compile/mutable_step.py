"""A step as mutators see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from flowkit.compile.added_decorators import (
    ERROR,
    IGNORE,
    OVERRIDE,
    Description,
    add_spec,
    described,
    requested_spec,
    target_class,
)
from flowkit.compile.draft import FlowDraft, with_object
from flowkit.errors import InvalidDecorator
from flowkit.model.graph import DecoratorSpec

if TYPE_CHECKING:
    from flowkit.compile.mutable_flow import MutableFlow

__all__ = ["MutableStep", "Mutation", "matches", "removed"]


@attrs.frozen
class Mutation:
    """Which mutator is at work, and when."""

    mutator: DecoratorSpec
    #: Parameters, flow decorators and mutators can be changed.
    is_early: bool

    @property
    def inserted_by(self) -> tuple[str, ...]:
        """For the decorators that it adds."""
        from flowkit.authoring.user_decorators import full_name

        return (full_name(target_class(self.mutator)), *(self.mutator.inserted_by or ()))


class MutableStep:
    """A step whose decorators can be changed; mutators are given one."""

    #: For ``duplicates``: keep the decorator that is there, refuse, or replace it.
    IGNORE: ClassVar[int] = IGNORE
    ERROR: ClassVar[int] = ERROR
    OVERRIDE: ClassVar[int] = OVERRIDE

    def __init__(self, draft: FlowDraft, name: str, mutation: Mutation, flow: MutableFlow) -> None:
        self._draft = draft
        self._mutation = mutation
        #: The flow that the step belongs to.
        self.flow = flow
        #: The step's name.
        self.name = name

    def __repr__(self) -> str:
        return f"<step {self.name} of {self._draft.flow_class.__name__}>"

    @property
    def decorator_specs(self) -> Iterator[Description]:
        """Of each decorator: name, dotted name, arguments without names, named arguments."""
        for spec in list(self._specs):
            yield described(spec, "step", self._draft.registry)

    def has_decorator(self, name: str) -> bool:
        """Whether a decorator has this name, or this dotted name."""
        return bool(self.get_decorator_specs(name))

    def get_decorator_specs(self, name: str) -> list[Description]:
        """Those of ``decorator_specs`` that have this name, or this dotted name."""
        return [found for found in self.decorator_specs if matches(found, name)]

    def add_decorator(
        self,
        deco_type: Any,
        deco_args: Sequence[Any] | None = None,
        deco_kwargs: Mapping[str, Any] | None = None,
        duplicates: int = IGNORE,
    ) -> Any:
        """Add a decorator.

        Parameters
        ----------
        deco_type
            The decorator (``retry``), a class of the user's own, or a text as ``--with`` takes it.
        deco_args, deco_kwargs
            Its arguments, where the text has none.
        duplicates
            What to do if the step has it and can't have several: IGNORE, ERROR or OVERRIDE.

        Returns
        -------
        object or None
            What was added: the object of a class of the user's own, else the decorator's name and arguments. None if
            nothing was.

        Raises
        ------
        InvalidDecorator
            If there is no such decorator, or duplicates are an error; or for a StepMutator later than in
            ``pre_mutate``.
        """
        from flowkit.authoring.mutators import StepMutator

        registry = self._draft.registry
        origin = self._mutation.mutator.origin
        spec = requested_spec(deco_type, deco_args or (), deco_kwargs or {}, "step", registry, origin)
        if not self._mutation.is_early and spec.target is not None and issubclass(spec.target, StepMutator):
            raise InvalidDecorator(f"the step mutator {spec.name!r} can only be added in pre_mutate, not in mutate")
        spec = attrs.evolve(self._draft.resolved(spec), inserted_by=self._mutation.inserted_by)
        is_static = not origin.startswith("--")
        policy = duplicates if duplicates != ERROR or is_static else IGNORE
        specs = list(self._specs)
        if add_spec(specs, spec, "step", registry, policy) is None:
            return None
        # Made only now: one that isn't added is never made.
        made = with_object(spec)
        self._specs[:] = [made if one is spec else one for one in specs]
        return made if made.target is None else made.target

    def remove_decorator(
        self,
        deco_name: str,
        deco_args: Sequence[Any] | None = None,
        deco_kwargs: Mapping[str, Any] | None = None,
    ) -> bool:
        """Remove all decorators of a name; with arguments, only those that have the same. Whether there was one.

        Raises
        ------
        InvalidDecorator
            For a StepMutator later than in ``pre_mutate``.
        """
        from flowkit.authoring.mutators import StepMutator

        gone = removed(self._specs, deco_name, deco_args, deco_kwargs, "step", self._draft.registry)
        for spec in gone:
            if not self._mutation.is_early and spec.target is not None and issubclass(target_class(spec), StepMutator):
                raise InvalidDecorator(
                    f"the step mutator {spec.name!r} can only be removed in pre_mutate, not in mutate"
                )
        self._specs[:] = [spec for spec in self._specs if not any(spec is one for one in gone)]
        return bool(gone)

    @property
    def _specs(self) -> list[DecoratorSpec]:
        return self._draft.steps[self.name]


def matches(found: Description, name: str) -> bool:
    """Whether a decorator has the name, or the dotted name."""
    return name == (found[1] if "." in name else found[0])


def removed(
    specs: Sequence[DecoratorSpec],
    name: str,
    args: Sequence[Any] | None,
    attributes: Mapping[str, Any] | None,
    kind: Any,
    registry: Any,
) -> list[DecoratorSpec]:
    """Those of ``specs`` that are to be removed."""
    found = []
    for spec in specs:
        one = described(spec, kind, registry)
        is_same = (args is None and attributes is None) or (
            list(args or ()) == one[2] and dict(attributes or {}) in (one[3], dict(spec.attributes))
        )
        if matches(one, name) and is_same:
            found.append(spec)
    return found
