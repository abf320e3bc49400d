"""Decorators given as text: ``--with retry:times=3``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from flowkit.errors import InvalidDecorator
from flowkit.model.graph import DecoratorSpec

__all__ = ["parse_decospec", "parse_decospecs"]

#: A comma after which the next argument begins.
_SEPARATOR = re.compile(r",(?=\s*(?:[A-Za-z_]\w*|\d+)\s*=)")
#: The beginning of such a value.
_COMPOUND = re.compile(r"\s*=\s*[\[{]")


def parse_decospecs(texts: Iterable[str]) -> list[DecoratorSpec]:
    """Several of them; one text may also hold many, as the setting does: separated by white space."""
    return [parse_decospec(text) for text in texts]


def parse_decospec(text: str, option: str = "--with") -> DecoratorSpec:
    """``name`` or ``name:key=value,key2=value2``. A value is JSON if it can be read as that, else text.

    The name may be a dotted one, and keys may be numbers (arguments without names): for decorators of the user's own.

    >>> parse_decospec("resources:cpu=2,memory=4000").attributes
    {'cpu': 2, 'memory': 4000}

    Raises
    ------
    InvalidDecorator
        If the text isn't of that form.
    """
    name, _, arguments = text.strip().partition(":")
    origin = f"{option} {_without_values(text.strip())}"
    if not all(part.isidentifier() for part in name.split(".")):
        raise InvalidDecorator(f"{origin}: the form is NAME or NAME:KEY=VALUE,KEY=VALUE")
    attributes: dict[str, Any] = {}
    args: dict[int, Any] = {}
    for part in _parts(arguments):
        key, separator, value = part.partition("=")
        if separator and key.strip().isdecimal():
            args[int(key)] = _value(value.strip())
            continue
        if not separator or not key.strip().isidentifier():
            raise InvalidDecorator(
                f"{origin}: {_shown_part(part, text)} isn't of the form KEY=VALUE; write {name}:key=value,key2=value2"
            )
        if key.strip() in attributes:
            raise InvalidDecorator(f"{origin}: {key.strip()!r} is given twice")
        attributes[key.strip()] = _value(value.strip())
    if sorted(args) != list(range(len(args))):
        raise InvalidDecorator(f"{origin}: arguments without names are numbered from 0")
    return DecoratorSpec(name, attributes, origin, args=tuple(args[index] for index in range(len(args))))


def _without_values(text: str) -> str:
    """The text up to a value that is a JSON list or object: a secret may be in it, and this is shown and stored."""
    found = _COMPOUND.search(text)
    return text if found is None else f"{text[: found.start()]}=…"


def _shown_part(part: str, text: str) -> str:
    return repr(part.strip()) if _COMPOUND.search(text) is None else "a part of it"


def _parts(text: str) -> list[str]:
    """``key=value`` each; a comma inside of a JSON value separates nothing."""
    if not text.strip():
        return []
    pieces = _SEPARATOR.split(text)
    parts: list[str] = []
    while pieces:
        # A value that begins as JSON goes as far as it has to, to be JSON; if it never is, it is a text.
        size = next((n for n in range(1, len(pieces) + 1) if _is_whole(",".join(pieces[:n]))), 1)
        parts.append(",".join(pieces[:size]))
        pieces = pieces[size:]
    return parts


def _is_whole(part: str) -> bool:
    value = part.partition("=")[2].strip()
    if not value.startswith(("{", "[", '"')):
        return True
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
