"""Output of programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.drawing.element import Node, h
from flowkit_cards.drawing.words import count_text

__all__ = ["Log"]

#: Characters from the end that are shown.
MAX_SIZE = 100_000


class Log(Component):
    """Output, as it was written; the end of it, where it is long.

    Parameters
    ----------
    data
        Text, or bytes in UTF-8.
    """

    type = "log"
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(self, data: str | bytes = "") -> None:
        self._data = data

    def update(self, data: str | bytes) -> None:
        """Show other output."""
        self._data = data

    def fields(self) -> Mapping[str, Any]:
        """The text."""
        data = self._data[-4 * MAX_SIZE :]
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else str(data)
        shown = text[-MAX_SIZE:]
        cut = len(self._data) - len(shown)
        if cut <= 0 or (len(shown) == len(text) and len(data) == len(self._data)):
            return {"data": shown}
        note = f"cut: the last {len(shown):,} of {count_text(len(self._data), 'character')}"
        return {"data": shown.partition("\n")[2] or shown, "note": note}


def look(form: Form, _draw: Draw) -> Node:
    """Text that scrolls in its box."""
    text = str(form.get("data", ""))
    return h("pre", {"class": "log", "tabindex": "0", "role": "region", "aria-label": "Output"}, text or "(no output)")
