"""An exception, shown."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import cut_text
from flowkit_cards.drawing.element import Node, h

__all__ = ["Error"]


class Error(Component):
    """What went wrong.

    Parameters
    ----------
    exception
        The exception, shown with its traceback; or text.
    title
        A line above it; the exception's type, if none is given.
    """

    type = "error"

    def __init__(self, exception: BaseException | str, title: str | None = None) -> None:
        self._exception = exception
        self._title = title

    def fields(self) -> Mapping[str, Any]:
        """Title and text."""
        error = self._exception
        if isinstance(error, BaseException):
            title, text = type(error).__name__, _trace(error)
        else:
            title, text = "Error", str(error)
        shown, note = cut_text(text, 20_000)
        fields = {"title": str(self._title) if self._title is not None else title, "text": shown}
        return {**fields, **({"note": note} if note else {})}


def look(form: Form, _draw: Draw) -> Node:
    """A box with a title and the text below."""
    return h(
        "div",
        {"class": "alert", "role": "group"},
        h("p", {"class": "alert-title"}, str(form.get("title", "Error"))),
        h("pre", {"tabindex": "0"}, str(form.get("text", ""))),
    )


def _trace(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(error)).rstrip("\n")
    except Exception:  # an exception that can't print itself
        return type(error).__name__
