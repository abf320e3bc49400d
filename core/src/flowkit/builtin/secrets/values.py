"""Checks of what a source holds, with errors that never show a value."""

from __future__ import annotations

import json
from typing import Any

from flowkit.errors import FlowkitError

__all__ = ["as_variables", "from_json"]


def as_variables(value: Any, where: str) -> dict[str, str]:
    """The variables that a JSON object, or a dict, gives; numbers and flags as JSON writes them.

    Parameters
    ----------
    where
        Where it comes from, for messages.

    Raises
    ------
    FlowkitError
        If it isn't an object of plain values.
    """
    if not isinstance(value, dict):
        raise FlowkitError(f"{where} must be an object of variables' names and values, and is {_article(value)}")
    variables: dict[str, str] = {}
    for name, item in value.items():
        if isinstance(item, bool) or not isinstance(item, str | int | float):
            raise FlowkitError(f"{where}: the value of {name!r} must be a text or a number, and is {_article(item)}")
        variables[str(name)] = str(item)
    return variables


def from_json(text: str, where: str) -> dict[str, str]:
    """The variables of a JSON object. Raises FlowkitError if the text isn't one."""
    try:
        value = json.loads(text)
    except ValueError:
        # The decoder's own error holds the whole text.
        raise FlowkitError(f"{where} isn't valid JSON") from None
    return as_variables(value, where)


def _article(value: Any) -> str:
    return f"a {type(value).__name__}" if value is not None else "empty"
