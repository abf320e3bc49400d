"""Source code in Python."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import cut_text
from flowkit_cards.drawing.element import Node, h

__all__ = ["PythonCode"]


class PythonCode(Component):
    """Python code.

    Parameters
    ----------
    code_func
        A function, whose source is shown; or
    code_string
        the code itself.
    """

    type = "pythonCode"

    def __init__(self, code_func: Callable[..., Any] | None = None, code_string: str | None = None) -> None:
        self._text: str | Exception
        if code_string is not None:
            self._text = code_string
        elif code_func is not None:
            self._text = _source(code_func)
        else:
            self._text = ValueError("give code_func or code_string")

    def fields(self) -> Mapping[str, Any]:
        """The code."""
        if isinstance(self._text, Exception):
            raise self._text
        shown, note = cut_text(str(self._text), 100_000)
        return {"data": shown, **({"note": note} if note else {})}


def look(form: Form, _draw: Draw) -> Node:
    """Code with its tokens marked."""
    code = str(form.get("data", ""))
    box = {"class": "code", "tabindex": "0", "role": "region", "aria-label": "Python code"}
    return h("pre", box, h("code", None, list(_tokens(code))))


def _source(function: Callable[..., Any]) -> str | Exception:
    try:
        return textwrap.dedent(inspect.getsource(inspect.unwrap(function))).rstrip("\n")
    except (OSError, TypeError) as error:
        return error


def _tokens(code: str) -> Iterator[Node]:
    from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped] # it ships no types

    plain = ""
    for kind, text in PythonLexer(ensurenl=False, stripnl=False).get_tokens(code):
        name = next((short for prefix, short in _CLASSES.items() if str(kind).startswith(prefix)), None)
        if name is None:
            plain += text
            continue
        if plain:
            yield plain
            plain = ""
        yield h("span", {"class": name}, text)
    if plain:
        yield plain


_CLASSES = {
    "Token.Comment": "k-comment",
    "Token.Literal.String": "k-string",
    "Token.Literal.Number": "k-number",
    "Token.Keyword": "k-word",
    "Token.Operator.Word": "k-word",
    "Token.Name.Decorator": "k-name",
    "Token.Name.Function": "k-name",
    "Token.Name.Class": "k-name",
}
