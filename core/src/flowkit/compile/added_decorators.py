"""Decorators that aren't written above a step or flow: those of ``--with``, and those that mutators add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import attrs

from flowkit.compile.decospecs import parse_decospec
from flowkit.errors import FlowkitError, InvalidDecorator
from flowkit.model.graph import DecoratorSpec

if TYPE_CHECKING:
    from flowkit.kernel.registry import Registry

__all__ = ["ERROR", "IGNORE", "OVERRIDE", "Kind", "add_spec", "described", "named_spec", "requested_spec", "same"]

Kind = Literal["step", "flow"]
#: What to do where a decorator is there already: keep that one, refuse, or put the new one in its place.
IGNORE, ERROR, OVERRIDE = 1, 2, 3

#: Name and full name, arguments without names, and named ones.
Description = tuple[str, str, list[Any], dict[str, Any]]


def named_spec(spec: DecoratorSpec, kind: Kind, registry: Registry) -> DecoratorSpec:
    """``spec``, of which only the name is known, with its class where that name is of a decorator of the user's own.

    A name that the registry has comes first. Raises InvalidDecorator for a dotted name that can't be imported.
    """
    if spec.name in registry.names(f"{kind}_decorators"):
        return spec
    from flowkit.authoring.user_decorators import find_user_decorator, short_name

    found = find_user_decorator(spec.name, base_of(kind))
    return spec if found is None else attrs.evolve(spec, name=short_name(found), target=found)


def requested_spec(
    decorator: Any, args: Sequence[Any], attributes: Mapping[str, Any], kind: Kind, registry: Registry, origin: str
) -> DecoratorSpec:
    """What ``add_decorator`` was given: a decorator, the class of one of the user's own, or a text as of ``--with``."""
    if isinstance(decorator, str):
        parsed = attrs.evolve(parse_decospec(decorator, "add_decorator"), origin=origin)
        if (args or attributes) and (parsed.args or parsed.attributes):
            raise InvalidDecorator(
                f"{decorator!r} has arguments, and others are given besides; put all in deco_args and deco_kwargs"
            )
        given = attrs.evolve(parsed, args=tuple(args) or parsed.args, attributes={**parsed.attributes, **attributes})
        spec = named_spec(given, kind, registry)
    elif isinstance(decorator, type) and issubclass(decorator, base_of(kind)):
        spec = DecoratorSpec(decorator.__name__, dict(attributes), origin, args=tuple(args), target=decorator)
    elif callable(decorator) and not isinstance(decorator, type):
        spec = _noted_by(decorator, args, attributes, kind, origin)
    else:
        raise InvalidDecorator(f"add_decorator takes a decorator for {kind}s, or its name, not {decorator!r}")
    if spec.args and spec.target is None:
        raise InvalidDecorator(f"@{spec.name} takes its arguments by name: give them in deco_kwargs")
    return spec


def add_spec(
    specs: list[DecoratorSpec], spec: DecoratorSpec, kind: Kind, registry: Registry, duplicates: int
) -> DecoratorSpec | None:
    """Add to a step's or flow's decorators, unless ``duplicates`` says otherwise; what was added, if anything.

    Raises
    ------
    InvalidDecorator
        If there is such a decorator, and ``duplicates`` is ERROR.
    """
    if duplicates not in (IGNORE, ERROR, OVERRIDE):
        raise InvalidDecorator(f"duplicates is {duplicates!r}; it must be IGNORE, ERROR or OVERRIDE")
    before = [one for one in specs if same(one, spec)]
    if before and not allows_multiple(spec, kind, registry):
        if duplicates == IGNORE:
            return None
        if duplicates == ERROR:
            raise InvalidDecorator(f"@{spec.name} is there already, from {before[0].origin}")
        specs[:] = [one for one in specs if not same(one, spec)]
    if spec.target is None:
        specs.append(spec)
    else:
        # Outermost, as one that is written above all others.
        specs.insert(0, spec)
    return spec


def allows_multiple(spec: DecoratorSpec, kind: Kind, registry: Registry) -> bool:
    """Whether a step or flow may have several of it."""
    if spec.target is not None:
        return False
    return bool(getattr(_class_of(spec.name, kind, registry), "allow_multiple", False))


def same(one: DecoratorSpec, other: DecoratorSpec) -> bool:
    """Whether two are uses of one decorator."""
    if one.target is None or other.target is None:
        return one.target is other.target and one.name == other.name
    return target_class(one) is target_class(other)


def described(spec: DecoratorSpec, kind: Kind, registry: Registry) -> Description:
    """As ``decorator_specs`` of mutable flows and steps gives it; arguments that weren't given have their defaults."""
    if spec.target is not None:
        from flowkit.authoring.user_decorators import full_name

        return spec.name, full_name(target_class(spec)), list(spec.args), dict(spec.attributes)
    known = _class_of(spec.name, kind, registry)
    if known is None:
        return spec.name, spec.name, [], dict(spec.attributes)
    return spec.name, f"{known.__module__}.{known.__qualname__}", [], {**known.defaults, **spec.attributes}


def target_class(spec: DecoratorSpec) -> type[Any]:
    """The class of a decorator of the user's own."""
    return spec.target if isinstance(spec.target, type) else type(spec.target)


def base_of(kind: Kind) -> type[Any]:
    """The class that the user's own decorators of steps, or of flows, derive from."""
    if kind == "step":
        from flowkit.authoring.user_decorators import UserDecorator

        return UserDecorator
    from flowkit.authoring.mutators import FlowMutator

    return FlowMutator


def _class_of(name: str, kind: Kind, registry: Registry) -> Any:
    try:
        return registry.get(f"{kind}_decorators", name)
    except FlowkitError:  # told where decorators are made
        return None


def _noted_by(
    decorator: Any, args: Sequence[Any], attributes: Mapping[str, Any], kind: Kind, origin: str
) -> DecoratorSpec:
    """What a decorator notes where it is used: whatever it is called, and whoever brings it."""
    from flowkit.authoring.decorators import flow_decorators_of, step_decorators_of
    from flowkit.authoring.step import step

    if kind == "step":

        @step
        def probe(_self: Any) -> None:
            return

        noted = step_decorators_of(_decorated(decorator, args, attributes, probe))
    else:
        noted = flow_decorators_of(_decorated(decorator, args, attributes, type("Probe", (), {})))
    if len(noted) != 1:
        raise InvalidDecorator(f"{decorator!r} is no decorator for {kind}s")
    return attrs.evolve(noted[0], origin=origin)


def _decorated(decorator: Any, args: Sequence[Any], attributes: Mapping[str, Any], probe: Any) -> Any:
    if not args and not attributes:
        return decorator(probe)
    try:
        return decorator(*args, **attributes)(probe)
    except TypeError as error:
        raise InvalidDecorator(f"{getattr(decorator, '__name__', decorator)!r} is no decorator: {error}") from error
