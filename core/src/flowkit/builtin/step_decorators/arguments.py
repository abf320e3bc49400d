"""Checks of decorators' arguments, with errors that name the decorator, the argument and its value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit.errors import InvalidDecorator
from flowkit.model.graph import DecoratorSpec

__all__ = ["mapping", "number", "refuse", "whole_number"]


def refuse(spec: DecoratorSpec, argument: str, value: Any, expected: str) -> InvalidDecorator:
    """The error of an argument that can't be."""
    return InvalidDecorator(f"{spec.origin}: @{spec.name}({argument}={value!r}): {argument} must be {expected}")


def number(spec: DecoratorSpec, argument: str, value: Any, expected: str = "a number, 0 or more") -> float:
    """A number that isn't negative; a text of one will do, as ``--with`` and old flows have it."""
    if not isinstance(value, bool):
        try:
            result = float(value)
        except (TypeError, ValueError):
            result = -1.0
        if 0 <= result < float("inf"):
            return result
    raise refuse(spec, argument, value, expected)


def whole_number(spec: DecoratorSpec, argument: str, value: Any) -> int:
    """The same, and whole."""
    expected = "a whole number, 0 or more"
    result = number(spec, argument, value, expected)
    if not result.is_integer():
        raise refuse(spec, argument, value, expected)
    return int(result)


def mapping(spec: DecoratorSpec, argument: str, value: Any) -> Mapping[Any, Any]:
    """A dict."""
    if not isinstance(value, Mapping):
        raise refuse(spec, argument, value, "a dict")
    return value
