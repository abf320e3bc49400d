"""Mutators: code of the user's that changes a step or a flow before it is compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

from flowkit.authoring.decorators import note_on_flow, origin_of_caller
from flowkit.authoring.user_decorators import UserDecorator, short_name
from flowkit.model.graph import DecoratorSpec

if TYPE_CHECKING:
    from flowkit.compile.mutable_flow import MutableFlow
    from flowkit.compile.mutable_step import MutableStep

__all__ = ["FlowMutator", "StepMutator"]

FlowClass = TypeVar("FlowClass", bound=type[Any])


class StepMutator(UserDecorator):
    """Derive from this to look at a step, and to add and remove decorators of it.

    Examples
    --------
    >>> class Sturdy(StepMutator):
    ...     def mutate(self, mutable_step):
    ...         mutable_step.add_decorator("retry", deco_kwargs={"times": 2})
    """

    def pre_mutate(self, mutable_step: MutableStep) -> None:
        """Called once the configurations are known, before ``--with`` acts. Step mutators can be added here."""
        return

    def mutate(self, mutable_step: MutableStep) -> None:
        """Called when ``--with`` has acted, before the decorators are made."""
        return


class _FlowDecoratorType(type):
    """Calling such a class puts it on a flow, rather than making an object."""

    @overload
    def __call__(cls, flow_class: FlowClass, /) -> FlowClass: ...
    @overload
    def __call__(cls, *args: Any, **kwargs: Any) -> Callable[[FlowClass], FlowClass]: ...
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """``@Mutator``, ``@Mutator()`` and ``@Mutator(argument, name=value)``."""
        from flowkit.authoring.flowspec import FlowSpec

        mutator = cast("type[FlowMutator]", cls)
        is_bare = len(args) == 1 and not kwargs and isinstance(args[0], type) and issubclass(args[0], FlowSpec)
        spec = DecoratorSpec(
            short_name(mutator), kwargs, origin_of_caller(2), args=() if is_bare else args, target=mutator
        )
        if is_bare:
            return note_on_flow(args[0], spec)
        return lambda flow_class: note_on_flow(flow_class, spec)


class FlowMutator(metaclass=_FlowDecoratorType):
    """Derive from this to look at a flow, and to change its parameters, its decorators and those of its steps.

    Examples
    --------
    >>> class Sturdy(FlowMutator):
    ...     def mutate(self, mutable_flow):
    ...         for name, mutable_step in mutable_flow.steps:
    ...             mutable_step.add_decorator("retry", deco_kwargs={"times": 2})
    """

    if TYPE_CHECKING:
        # For type checkers that don't look at what a metaclass makes of a call.
        def __init__(self, *args: Any, **kwargs: Any) -> None: ...
        def __call__(self, flow_class: FlowClass, /) -> FlowClass: ...

    def init(self, *args: Any, **kwargs: Any) -> None:
        """Take the decorator's arguments. One that takes any has this method, in place of ``__init__``."""
        return

    def pre_mutate(self, mutable_flow: MutableFlow) -> None:
        """Called once the configurations are known: here parameters and decorators of the flow can be changed."""
        return

    def mutate(self, mutable_flow: MutableFlow) -> None:
        """Called when ``--with`` has acted, before the decorators are made: here only steps can be changed."""
        return

    def add_to_package(self) -> Iterable[tuple[Any, ...]]:
        """Files that the code package needs: ``(path on this machine, name in the package)``."""
        return ()
