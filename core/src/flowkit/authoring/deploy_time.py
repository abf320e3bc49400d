"""Values that functions compute when a flow is deployed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flowkit.authoring.parameters import ParameterContext
from flowkit.errors import ParameterFieldFailed, ParameterFieldTypeMismatch

__all__ = ["DeployTimeField", "call_at_deployment", "deploy_time_eval", "deploying"]

_context: ContextVar[ParameterContext | None] = ContextVar("deployment", default=None)


class DeployTimeField:
    """A value that a function computes when the flow is deployed; call it, or :func:`deploy_time_eval`, to have it.

    Parameters
    ----------
    parameter_name
        What the value is for, in the function's context and in messages.
    parameter_type
        The type that the function must return; JSONType for any.
    attribute
        Which of its fields it is, or None: ``default``.
    fun
        The function. It is given a :class:`ParameterContext`, unless it takes no argument.
    return_str
        Whether the value is wanted as a text where it is a list or dict: as JSON.
    print_representation
        What is shown in place of the value where it isn't computed yet.
    """

    def __init__(
        self,
        parameter_name: str,
        parameter_type: Any,
        attribute: str | None,
        fun: Callable[..., Any],
        return_str: bool = True,
        print_representation: str | None = None,
    ) -> None:
        self.parameter_name = parameter_name
        self.parameter_type = parameter_type
        self.attribute = attribute
        self.fun = fun
        self.return_str = return_str
        self.print_representation = print_representation or str(getattr(fun, "__name__", fun))

    @property
    def description(self) -> str:
        """What the value is, for messages."""
        field = f": its {self.attribute}" if self.attribute else ""
        return f"{self.parameter_name}{field}, computed by {self.print_representation}"

    def __call__(self, deploy_time: bool = True) -> Any:
        """The value.

        Raises
        ------
        ParameterFieldFailed
            If the function raises.
        ParameterFieldTypeMismatch
            If it returns something of another type.
        """
        from flowkit.authoring.parameter_types import JSONType

        context = _context.get() or ParameterContext("", "", self.parameter_name)
        value = call_at_deployment(self.fun, context, self.description)
        if self.parameter_type is JSONType or not isinstance(self.parameter_type, type):
            return _as_text(value) if self.return_str else value
        if not isinstance(value, self.parameter_type):
            raise ParameterFieldTypeMismatch(
                f"{self.description}, is {type(value).__name__}, and must be {self.parameter_type.__name__}"
            )
        return _as_text(value) if self.return_str else value

    def __repr__(self) -> str:
        return f"DeployTimeField({self.print_representation})"


def deploy_time_eval(value: Any) -> Any:
    """The value of a :class:`DeployTimeField`; any other value is itself. Raises as calling the field does."""
    return value() if isinstance(value, DeployTimeField) else value


@contextmanager
def deploying(context: ParameterContext) -> Iterator[None]:
    """While entered, functions of :class:`DeployTimeField` get this context."""
    token = _context.set(context)
    try:
        yield
    finally:
        _context.reset(token)


def call_at_deployment(function: Callable[..., Any], context: ParameterContext, what: str) -> Any:
    """What a function of the user's returns: it takes a context, or ``project_name`` and ``branch_name``, or nothing.

    Parameters
    ----------
    what
        What it computes, for messages.

    Raises
    ------
    ParameterFieldFailed
        If it raises.
    """
    if isinstance(function, DeployTimeField):
        with deploying(context):
            return function()
    names = _parameters(function)
    try:
        if "project_name" in names:
            return function(project_name=context.project_name, branch_name=context.branch_name)
        return function(context) if names else function()
    except Exception as error:
        raise ParameterFieldFailed(f"{what} raised {type(error).__name__}: {error}") from error


def _parameters(function: Callable[..., Any]) -> list[str]:
    from inspect import signature

    try:
        return list(signature(function).parameters)
    except (TypeError, ValueError):  # a built-in function that doesn't tell
        return ["context"]


def _as_text(value: Any) -> Any:
    if isinstance(value, dict | list | tuple):
        import json

        return json.dumps(value)
    return value
