"""Types of parameters: from a type, or a default value, to what converts a text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

__all__ = ["JSONType", "JSONTypeClass", "TextType", "convert_text", "type_from_default", "type_name"]


class TextType(ABC):
    """A type of parameters that converts a text by being called."""

    name: str

    @abstractmethod
    def __call__(self, value: Any) -> Any:
        """The value of a text; one that is of the type already, as it is. Raises ValueError."""


class JSONTypeClass(TextType):
    """The type of a parameter whose text is JSON: a dict, a list, a number…"""

    name = "JSON"

    def __repr__(self) -> str:
        return "JSON"

    def __call__(self, value: Any) -> Any:
        """The value of a JSON text; anything but a text as it is. Raises ValueError."""
        if not isinstance(value, str):
            return value
        import json

        try:
            return json.loads(value)
        except ValueError as error:
            raise ValueError(f"{value!r} is not valid JSON: {error}") from None


#: ``Parameter("options", type=JSONType)``.
JSONType = JSONTypeClass()

_WORDS = {"true": True, "t": True, "yes": True, "y": True, "on": True, "1": True}
_WORDS |= {"false": False, "f": False, "no": False, "n": False, "off": False, "0": False}


def type_from_default(default: Any) -> Any:
    """The type of a parameter that states none: its default's, else text."""
    if default is None or callable(default):
        return str
    if isinstance(default, dict | list):
        return JSONType
    if isinstance(default, tuple):
        return type_from_default(default[0]) if default else str
    return type(default)


def type_name(kind: Any) -> str:
    """The name that deployers and help know a type by."""
    if isinstance(kind, JSONTypeClass):
        return "json"
    if isinstance(kind, list):
        return "choice"
    if isinstance(kind, type):
        return kind.__name__
    return str(getattr(kind, "name", None) or type(kind).__name__)


def convert_text(kind: Any, value: Any) -> Any:
    """``value`` as the type ``kind`` has it.

    Raises
    ------
    ValueError
        If the value isn't one of the type; says why.
    """
    if kind is bool:
        return _to_bool(value)
    if kind is str:
        return value if isinstance(value, str) else str(value)
    if kind in (int, float):
        return _to_number(kind, value)
    if isinstance(kind, TextType):
        return kind(value)
    if isinstance(kind, list):
        return _choose(kind, value)
    return _by_click(kind, value)


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _WORDS:
        raise ValueError(f"{value!r} is not a boolean; write True or False")
    return _WORDS[word]


def _to_number(kind: Any, value: Any) -> Any:
    noun = "whole number" if kind is int else "number"
    if isinstance(value, bool) or (kind is int and isinstance(value, float) and not value.is_integer()):
        raise ValueError(f"{value!r} is not a {noun}")
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is not a {noun}") from None


def _choose(choices: list[Any], value: Any) -> Any:
    for choice in choices:
        if value == choice or (isinstance(value, str) and value == str(choice)):
            return choice
    raise ValueError(f"{value!r} is not one of {', '.join(map(repr, choices))}")


def _by_click(kind: Any, value: Any) -> Any:
    import click

    try:
        return click.types.convert_type(kind)(value)
    except click.UsageError as error:
        raise ValueError(error.message) from None
