"""A flow as mutators see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import attrs

from flowkit.authoring.config import configs_of
from flowkit.authoring.parameters import Parameter, parameters_of
from flowkit.compile.added_decorators import (
    ERROR,
    IGNORE,
    OVERRIDE,
    Description,
    add_spec,
    described,
    requested_spec,
)
from flowkit.compile.class_changes import change_class
from flowkit.compile.draft import FlowDraft, with_object
from flowkit.compile.mutable_step import MutableStep, Mutation, matches, removed
from flowkit.errors import InvalidDecorator, ParameterError
from flowkit.model.graph import DecoratorSpec

__all__ = ["MutableFlow"]


class MutableFlow:
    """A flow whose decorators, parameters and steps can be changed; mutators are given one.

    A step, parameter or configuration is also an attribute: ``mutable_flow.start``.
    """

    #: For ``duplicates``: keep the decorator that is there, refuse, or replace it.
    IGNORE: ClassVar[int] = IGNORE
    ERROR: ClassVar[int] = ERROR
    OVERRIDE: ClassVar[int] = OVERRIDE

    def __init__(self, draft: FlowDraft, mutation: Mutation) -> None:
        self._draft = draft
        self._mutation = mutation

    def __repr__(self) -> str:
        return f"<flow {self._draft.flow_class.__name__}>"

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            for group in (self.steps, self.parameters, self.configs):
                for key, value in group:
                    if key == name:
                        return value
        raise AttributeError(
            f"{self._draft.flow_class.__name__} has no step, parameter or configuration {name!r}", name=name
        )

    # --- what there is -----------------------------------------------------------------------------------------------

    @property
    def steps(self) -> Iterator[tuple[str, MutableStep]]:
        """Name and step, in the order of their definition."""
        for name in list(self._draft.steps):
            yield name, MutableStep(self._draft, name, self._mutation, self)

    @property
    def parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Attribute and parameter."""
        for parameter in parameters_of(self._draft.flow_class):
            yield parameter.attribute, parameter

    @property
    def configs(self) -> Iterator[tuple[str, Any]]:
        """Name and value of each configuration; the value is None where none was given."""
        for definition in configs_of(self._draft.flow_class):
            yield definition.name, self._draft.scope.by_name[definition.name]

    @property
    def decorator_specs(self) -> Iterator[Description]:
        """Of each decorator of the flow: name, dotted name, arguments without names, named arguments."""
        for spec in [*self._draft.own, *self._draft.inherited]:
            yield described(spec, "flow", self._draft.registry)

    def has_decorator(self, name: str) -> bool:
        """Whether a decorator of the flow has this name, or this dotted name."""
        return bool(self.get_decorator_specs(name))

    def get_decorator_specs(self, name: str) -> list[Description]:
        """Those of ``decorator_specs`` that have this name, or this dotted name."""
        return [found for found in self.decorator_specs if matches(found, name)]

    # --- changes, all in pre_mutate ----------------------------------------------------------------------------------

    def add_parameter(self, name: str, value: Parameter, overwrite: bool = False) -> None:
        """Add a parameter as the attribute ``name``.

        Parameters
        ----------
        overwrite
            An attribute of that name may be there, and is replaced.

        Raises
        ------
        InvalidDecorator
            Later than in ``pre_mutate``.
        ParameterError
            If ``value`` is no parameter, or the name is taken.
        """
        self._check_early(f"the parameter {name!r}", "added")
        flow_class = self._draft.flow_class
        if not isinstance(value, Parameter):
            raise ParameterError(f"add_parameter({name!r}, …) takes a Parameter or an IncludeFile, not {value!r}")
        if hasattr(flow_class, name) and not overwrite:
            raise ParameterError(f"{flow_class.__name__} has {name!r} already; give overwrite=True to replace it")
        value.attribute = name
        change_class(flow_class, name, value)

    def remove_parameter(self, parameter_name: str) -> bool:
        """Remove the parameter that the command line knows by this name. Whether there was one.

        Raises
        ------
        InvalidDecorator
            Later than in ``pre_mutate``.
        """
        self._check_early(f"the parameter {parameter_name!r}", "removed")
        for attribute, parameter in self.parameters:
            if parameter.name == parameter_name:
                change_class(self._draft.flow_class, attribute, None)
                return True
        return False

    def add_decorator(
        self,
        deco_type: Any,
        deco_args: Sequence[Any] | None = None,
        deco_kwargs: Mapping[str, Any] | None = None,
        duplicates: int = IGNORE,
    ) -> Any:
        """Add a decorator to the flow, or a FlowMutator. As :meth:`MutableStep.add_decorator`, in ``pre_mutate``."""
        self._check_early("a decorator of the flow", "added")
        draft, origin = self._draft, self._mutation.mutator.origin
        spec = requested_spec(deco_type, deco_args or (), deco_kwargs or {}, "flow", draft.registry, origin)
        spec = attrs.evolve(draft.resolved(spec), inserted_by=self._mutation.inserted_by)
        every = [*draft.own, *draft.inherited]
        if add_spec(every, spec, "flow", draft.registry, duplicates) is None:
            return None
        made = with_object(spec)
        draft.inherited = [one for one in draft.inherited if _is_in(one, every)]
        # At the top: a mutator that is added acts after those that are there.
        draft.own = [made, *(one for one in draft.own if _is_in(one, every))]
        return made if made.target is None else made.target

    def remove_decorator(
        self,
        deco_name: str,
        deco_args: Sequence[Any] | None = None,
        deco_kwargs: Mapping[str, Any] | None = None,
    ) -> bool:
        """Remove decorators of the flow. As :meth:`MutableStep.remove_decorator`, in ``pre_mutate``."""
        self._check_early("a decorator of the flow", "removed")
        draft = self._draft
        gone = removed([*draft.own, *draft.inherited], deco_name, deco_args, deco_kwargs, "flow", draft.registry)
        draft.own = [one for one in draft.own if not _is_in(one, gone)]
        draft.inherited = [one for one in draft.inherited if not _is_in(one, gone)]
        return bool(gone)

    def _check_early(self, what: str, done: str) -> None:
        if not self._mutation.is_early:
            raise InvalidDecorator(f"{what} can only be {done} in pre_mutate, not in mutate")


def _is_in(spec: DecoratorSpec, specs: Sequence[DecoratorSpec]) -> bool:
    return any(spec is one for one in specs)
