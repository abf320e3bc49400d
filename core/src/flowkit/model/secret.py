"""A value that must not be seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["SecretValue", "masked", "revealed"]


class SecretValue:
    """A text that shows itself as ``***`` wherever it is printed, formatted, or found among a traceback's locals."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text."""
        return self._value

    def __repr__(self) -> str:
        return "SecretValue('***')"

    def __str__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretValue) and other._value == self._value

    def __hash__(self) -> int:
        return hash((SecretValue, self._value))

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a SecretValue can't be pickled: it would be stored")


def masked(value: Any) -> Any:
    """``value`` with each text in it made a :class:`SecretValue`; names in dicts stay as they are."""
    if isinstance(value, str):
        return SecretValue(value)
    if isinstance(value, Mapping):
        return {name: masked(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [masked(one) for one in value]
    return value


def revealed(value: Any) -> Any:
    """What :func:`masked` was given."""
    if isinstance(value, SecretValue):
        return value.reveal()
    if isinstance(value, Mapping):
        return {name: revealed(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [revealed(one) for one in value]
    return value
