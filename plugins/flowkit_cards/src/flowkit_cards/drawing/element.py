"""Elements of a page as values that are JSON at the same time.

An element is ``[tag, attributes, child, …]``; a child is text or an element. The page's template turns elements into
HTML, with every text and attribute escaped; a page that is open gets them as JSON and changes what differs. So each
component says once how it looks, and no string of a user is ever joined into markup.

The tag ``#html`` stands for markup as it is. Only :func:`trusted_html` makes one: from text that a sanitiser has
passed, or that a component which is raw HTML by its name was given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

__all__ = ["Element", "Node", "h", "to_html", "trusted_html"]

Element = list[Any]
Node = Element | str

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*\Z")
_VOID = frozenset({"br", "hr", "img", "input", "wbr"})
# XML has no way to write these; a browser would show its replacement character for each.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def h(tag: str, attributes: Mapping[str, object] | None = None, *children: Node | Iterable[Node] | None) -> Element:
    """An element. Attributes that are None or False are left out, True gives an empty one; None is no child.

    >>> h("p", {"class": "note", "hidden": False}, "a < b")
    ['p', {'class': 'note'}, 'a < b']
    """
    kept = {
        name: "" if value is True else clean(str(value))
        for name, value in (attributes or {}).items()
        if value is not None and value is not False
    }
    return [tag, kept, *_flat(children)]


def trusted_html(markup: str) -> Element:
    """Markup that goes into the page as it is: see the module's text."""
    return ["#html", {}, clean(markup)]


def clean(text: str) -> str:
    """The text without characters that no page can hold."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)


def to_html(node: Node) -> str:
    """The node as HTML, escaped."""
    return "".join(_pieces(node))


def _flat(children: Iterable[Node | Iterable[Node] | None]) -> Iterator[Node]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            yield clean(child)
        elif isinstance(child, list) and child and isinstance(child[0], str) and len(child) > 1:
            # An element rather than a list of nodes: its second entry is the attributes.
            if isinstance(child[1], dict):
                yield child
            else:
                yield from _flat(child)
        else:
            yield from _flat(child)


def _pieces(node: Node) -> Iterator[str]:
    if isinstance(node, str):
        yield escape(node, quote=False)
        return
    tag, attributes, *children = node
    if tag == "#html":
        yield children[0]
        return
    if not _NAME.match(tag):
        raise ValueError(f"{tag!r} is no element's name")
    yield f"<{tag}"
    for name, value in attributes.items():
        if not _NAME.match(name) or name.lower().startswith("on"):
            raise ValueError(f"{name!r} is no attribute that an element here may have")
        yield f' {name}="{escape(value)}"'
    yield ">"
    if tag in _VOID:
        return
    for child in children:
        yield from _pieces(child)
    yield f"</{tag}>"
