"""Keyword arguments from the parameters of click commands: their signature, and the command line they stand for."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from types import GenericAlias
from typing import Any, Literal

import click

from flowkit.authoring.parameter_options import CheckedText
from flowkit.authoring.parameter_types import JSONTypeClass
from flowkit.authoring.parameters import Parameter
from flowkit.errors import UnknownKeyword

__all__ = ["Keywords"]

_TYPES: Mapping[str, Any] = {"integer": int, "float": float, "boolean": bool, "text": str}


class Keywords:
    """The keyword arguments that one command takes.

    Parameters
    ----------
    where
        What takes them, for messages: ``Runner.run``.
    params
        The command's own parameters.
    hidden
        Names that aren't offered, for Runner itself gives them.
    """

    def __init__(self, where: str, params: Iterable[click.Parameter], hidden: Sequence[str] = ()) -> None:
        self._where = where
        self._params = {
            _keyword(param): param for param in params if param.name not in hidden and "--help" not in param.opts
        }
        self._aliases: dict[str, str] = {}
        for name, param in self._params.items():
            for text in param.opts:
                self._aliases.setdefault(text.lstrip("-").replace("-", "_"), name)

    def parameters(self) -> list[inspect.Parameter]:
        """Parameters, with types: those that the command line needs have no default.

        All are keyword-only, but for the command's own arguments.
        """
        found = []
        for name, param in self._params.items():
            kind = _annotation(param)
            # What is an argument of the command may be given by its place here, too.
            placed = isinstance(param, click.Argument) and param.nargs == 1
            passing = inspect.Parameter.POSITIONAL_OR_KEYWORD if placed else inspect.Parameter.KEYWORD_ONLY
            default: Any = inspect.Parameter.empty if param.required else None
            annotation = kind if param.required else kind | None
            found.append(inspect.Parameter(name, passing, default=default, annotation=annotation))
        return sorted(found, key=lambda one: (one.kind, one.default is None))

    def named(self, positional: Sequence[Any], given: Mapping[str, Any]) -> dict[str, Any]:
        """All by name: those that were given by their place, and the others.

        Raises
        ------
        UnknownKeyword
            If there are more than the command has arguments, or one is given twice.
        """
        names = [name for name, param in self._params.items() if isinstance(param, click.Argument) and param.nargs == 1]
        if len(positional) > len(names):
            takes = f"only {', '.join(names)} without its name" if names else "keywords only"
            raise UnknownKeyword(f"{self._where}() takes {takes}")
        placed = dict(zip(names, positional, strict=False))
        if twice := sorted({*placed} & {*given}):
            raise UnknownKeyword(f"{self._where}() is given {twice[0]!r} twice")
        return {**placed, **given}

    def arguments(self, given: Mapping[str, Any]) -> list[str]:
        """The command line for these values; those that are None aren't given.

        Raises
        ------
        UnknownKeyword
            If the command has no such parameter; it is a TypeError too.
        """
        options: list[str] = []
        positional: list[str] = []
        for keyword, value in given.items():
            param = self._params.get(self._name(keyword))
            if param is None:
                raise UnknownKeyword(self._unknown(keyword))
            if value is None:
                continue
            if isinstance(param, click.Argument):
                positional += _texts(param, value)
            elif isinstance(param, click.Option):
                options += _option(param, value)
        return [*options, "--", *positional] if positional else options

    def _name(self, keyword: str) -> str:
        return keyword if keyword in self._params else self._aliases.get(keyword, keyword)

    def _unknown(self, keyword: str) -> str:
        close = get_close_matches(keyword, self._params, 3)
        near = f"did you mean {' or '.join(map(repr, close))}? " if close else ""
        return f"{self._where}() has no keyword {keyword!r}; {near}It takes {', '.join(sorted(self._params))}"


def _keyword(param: click.Parameter) -> str:
    parameter = _flow_parameter(param)
    # As the flow's author wrote it; click makes it lower case.
    return parameter.name.replace("-", "_") if parameter is not None else str(param.name)


def _option(option: click.Option, value: Any) -> list[str]:
    long = max(option.opts, key=len)
    if option.count:
        return [long] * int(value)
    if option.is_flag and not option.type.name.startswith("text"):
        off = max(option.secondary_opts, key=len) if option.secondary_opts else None
        chosen = long if value else off
        return [chosen] if chosen else []
    if option.nargs != 1:
        pairs = value.items() if isinstance(value, Mapping) else value
        return [text for pair in pairs for text in (long, *(_text(part) for part in pair))]
    # With an equals sign, a value that begins with a dash isn't taken for an option.
    return [f"{long}={text}" for text in _texts(option, value)]


def _texts(param: click.Parameter, value: Any) -> list[str]:
    parameter = _flow_parameter(param)
    separator = parameter.separator if parameter is not None else None
    if param.multiple if isinstance(param, click.Option) else param.nargs == -1:
        return [_text(value)] if isinstance(value, str) else [_text(one) for one in value]
    if separator is not None and isinstance(value, list | tuple):
        return [separator.join(_text(one) for one in value)]
    is_json = parameter is not None and isinstance(parameter.value_type, JSONTypeClass)
    return [_json(value) if is_json else _text(value)]


def _json(value: Any) -> str:
    # A text is JSON already, as on the command line.
    return json.dumps(value) if isinstance(value, bool) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, os.PathLike):
        return str(os.fspath(value))
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value)
    return str(value)


def _flow_parameter(param: click.Parameter) -> Parameter | None:
    return param.type.parameter if isinstance(param.type, CheckedText) else None


def _annotation(param: click.Parameter) -> Any:
    parameter = _flow_parameter(param)
    kind = _flow_type(parameter) if parameter is not None else _type(param.type)
    if isinstance(param, click.Option) and param.count:
        return int
    if (isinstance(param, click.Option) and param.multiple) or param.nargs == -1:
        return GenericAlias(list, (kind,))
    return kind


def _flow_type(parameter: Parameter) -> Any:
    kind = parameter.value_type
    if isinstance(kind, list):
        return Literal[tuple(kind)]
    if isinstance(kind, click.ParamType):
        return _type(kind)
    # A value of JSONType may be anything that JSON can say.
    plain: Any = kind if kind in (str, int, float, bool) else object
    return GenericAlias(list, (plain,)) if parameter.separator is not None else plain


def _type(kind: Any) -> Any:
    if isinstance(kind, click.Choice):
        return Literal[tuple(kind.choices)]
    if isinstance(kind, click.Tuple):
        return GenericAlias(tuple, tuple(_type(one) for one in kind.types))
    return _TYPES.get(kind.name.removesuffix(" range"), str)
