"""Plain text, and headings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import display_text
from flowkit_cards.drawing.element import Node, h

__all__ = ["Heading", "Subtitle", "Text", "Title"]


class Text(Component):
    """Text as it is, with its line breaks.

    Parameters
    ----------
    text
        The text; of any other value, what ``str`` makes of it.
    """

    type = "text"
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(self, text: object = "") -> None:
        self._text = text

    def update(self, text: object) -> None:
        """Show another text."""
        self._text = text

    def fields(self) -> Mapping[str, Any]:
        """Text, and a note if it was cut."""
        shown, note = display_text(self._text)
        return {"text": shown, **({"note": note} if note else {})}


class Heading(Text):
    """A heading inside a page or section.

    Parameters
    ----------
    text
        The heading.
    level
        1 for the most important, to 3.
    """

    type = "heading"

    def __init__(self, text: object = "", level: int = 1) -> None:
        super().__init__(text)
        self._level = min(max(int(level), 1), 3)

    def fields(self) -> Mapping[str, Any]:
        """Text and level."""
        return {**super().fields(), "level": self._level}


class Title(Text):
    """The title of a card or page."""

    type = "title"


class Subtitle(Text):
    """A line under a title."""

    type = "subtitle"


def look_text(form: Form, _draw: Draw) -> Node:
    """A paragraph that keeps line breaks."""
    return h("p", {"class": "text"}, str(form.get("text", "")))


def look_heading(form: Form, _draw: Draw) -> Node:
    """Below the title of the section that it is in."""
    return h(f"h{int(form.get('level', 1)) + 2}", None, str(form.get("text", "")))


def look_title(form: Form, _draw: Draw) -> Node:
    """A heading of the page's second level: the first is the card's own."""
    return h("h2", {"class": "title"}, str(form.get("text", "")))


def look_subtitle(form: Form, _draw: Draw) -> Node:
    """A quieter line."""
    return h("p", {"class": "subtitle"}, str(form.get("text", "")))
