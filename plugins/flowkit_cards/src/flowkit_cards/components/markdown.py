"""Markdown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import display_text
from flowkit_cards.drawing.element import Node, h, trusted_html

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

__all__ = ["Markdown", "markdown_to_html"]

_TAG_NAMES = (
    "a abbr b blockquote br caption code dd del details dl dt em h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s "
    "samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var"
)
_TAGS = frozenset(_TAG_NAMES.split())
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "details": {"open"},
    "img": {"src", "alt", "title", "width", "height"},
    "ol": {"start"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
}
_CELL_ALIGNMENT = re.compile(r'<(t[dh]) style="text-align:(left|right|center)">')


class Markdown(Component):
    """Text in Markdown: CommonMark, with tables and strikethrough.

    A little markup inside it (``<br>``, ``<sub>``, ``<details>``) is kept; scripts, styles, event handlers and links
    that aren't to the web or to mail are dropped. Images must be ``data:`` URLs: a card asks the network for nothing.

    Parameters
    ----------
    text
        The Markdown. Its most important heading is one level below the card's title.
    """

    type = "markdown"
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(self, text: str | None = None) -> None:
        self._text = text

    def update(self, text: str | None = None) -> None:
        """Show another text."""
        self._text = text

    def fields(self) -> Mapping[str, Any]:
        """The source."""
        shown, note = display_text("" if self._text is None else self._text)
        return {"source": shown, **({"note": note} if note else {})}


def look(form: Form, _draw: Draw) -> Node:
    """Formatted text."""
    return h("div", {"class": "prose"}, trusted_html(markdown_to_html(str(form.get("source", "")))))


def markdown_to_html(source: str) -> str:
    """Sanitised HTML."""
    import nh3

    html = _CELL_ALIGNMENT.sub(r'<\1 align="\2">', _parser().render(source))
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_kept_attribute,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.core.ruler.push("lower_headings", _lower_headings)
    return parser


def _lower_headings(state: Any) -> None:
    # The page has one heading of the first level, which is the card's.
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"


def _kept_attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "src":
        return value if value.startswith("data:image/") else None
    if name == "href":
        return None if value.strip().lower().startswith("data:") else value
    return value
