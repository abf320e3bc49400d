"""Checks of what a source holds, with errors that never show a value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flowkit.errors import FlowkitError

__all__ = ["as_variables", "from_json", "payload_variables", "variable_name"]

_ONE_VALUE = "a secret that is one value needs the options 'json': False and 'env_var_name'"


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
    return as_variables(_loads(text, where), where)


def _loads(text: str, where: str, mend: str = "") -> Any:
    try:
        return json.loads(text)
    except ValueError:
        # The decoder's own error holds the whole text.
        raise FlowkitError(f"{where} isn't valid JSON{mend and ': '}{mend}") from None


def _article(value: Any) -> str:
    return f"a {type(value).__name__}" if value is not None else "empty"


def payload_variables(
    payload: str | bytes, options: Mapping[str, Any], name: str, where: str, *, is_json: bool
) -> dict[str, str]:
    """The variables of what a vault holds under one name.

    Parameters
    ----------
    options
        ``json``: whether it is an object of variables. ``env_var_name``: the variable, where it isn't. ``binary``:
        whether the variable gets it as Base64; so it does where it isn't UTF-8 text.
    name
        Of the secret: the variable's, if the option ``env_var_name`` gives no other.
    where
        The secret, for messages.
    is_json
        What counts if the option ``json`` isn't given.

    Raises
    ------
    FlowkitError
        If it isn't JSON, or not an object, or two names become one variable. No value is shown.
    """
    if options.get("json", is_json):
        value = _loads(_text(payload, where), where, _ONE_VALUE)
        if not isinstance(value, dict):
            raise FlowkitError(
                f"{where} must be a JSON object of variables' names and values, and is {_article(value)}; {_ONE_VALUE}"
            )
        return _unique({str(key): _plain(item) for key, item in value.items()}, where)
    variable = variable_name(str(options.get("env_var_name") or name))
    if options.get("binary", False):
        return {variable: _base64(payload)}
    try:
        return {variable: payload if isinstance(payload, str) else payload.decode()}
    except UnicodeDecodeError:
        return {variable: _base64(payload)}


def variable_name(text: str) -> str:
    """The nearest name that an environment variable can have: ``db/main-key`` becomes ``db_main_key``."""
    name = "".join(letter if letter.isascii() and (letter.isalnum() or letter == "_") else "_" for letter in text)
    return f"_{name}" if name[:1].isdigit() else name


def _unique(values: Mapping[str, str], where: str) -> dict[str, str]:
    variables: dict[str, str] = {}
    for key, value in values.items():
        name = variable_name(key)
        if name in variables:
            raise FlowkitError(f"{where} has two names that become the variable {name}: rename {key!r}")
        variables[name] = value
    return variables


def _plain(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is None else str(value)


def _text(payload: str | bytes, where: str) -> str:
    if isinstance(payload, str):
        return payload
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise FlowkitError(f"{where} isn't text: give the options 'json': False and 'env_var_name'") from None


def _base64(payload: str | bytes) -> str:
    import base64

    return base64.b64encode(payload.encode() if isinstance(payload, str) else payload).decode()
