"""Markup as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import cut_text
from flowkit_cards.drawing.element import Node, h, trusted_html

__all__ = ["HTML"]

#: Tags that act on the whole page around them, in ways that the page's policy doesn't cover: another address to go to,
#: another place that links are relative to, connections made in advance. They are shown as text.
_WHOLE_PAGE_TAGS = re.compile(r"<(/?(?:meta|base|link)\b)", re.IGNORECASE)


class HTML(Component):
    """Markup that goes into the card as it is. Scripts in it don't run, and nothing is fetched from the network.

    Parameters
    ----------
    data
        The markup. Never put text of others into it without escaping it.
    """

    type = "html"
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(self, data: str = "") -> None:
        self._data = data

    def update(self, data: str) -> None:
        """Show other markup."""
        self._data = data

    def fields(self) -> Mapping[str, Any]:
        """The markup."""
        if not isinstance(self._data, str):
            raise TypeError(f"HTML takes text, not {type(self._data).__name__}")
        shown, note = cut_text(self._data, 5_000_000)
        return {"data": shown, **({"note": note} if note else {})}


def look(form: Form, _draw: Draw) -> Node:
    """The markup, in a box of its own."""
    return h("div", {"class": "raw"}, trusted_html(_WHOLE_PAGE_TAGS.sub(r"&lt;\1", str(form.get("data", "")))))
