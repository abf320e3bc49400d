"""Structured data: JSON and YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import display_text, simplify
from flowkit_cards.drawing.element import Element, Node, h
from flowkit_cards.drawing.words import count_text

__all__ = ["JSONViewer", "YAMLViewer"]

#: Entries up to which a level is open at first.
_OPEN = 20
_HEIGHT = re.compile(r"\d{1,4}(px|em|rem|vh)\Z")


class JSONViewer(Component):
    """Data as JSON, whose levels can be closed.

    Parameters
    ----------
    data
        Any value; NaN, bytes and objects are shown in words, and what is too much is left out, which is said.
    collapsible
        Levels can be closed; else the data is text.
    max_height
        Height from which on it scrolls: ``"300px"``.
    show_copy_button
        Offer to copy it.
    title
        A line above it.
    """

    type = "jsonViewer"
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(
        self,
        data: Any,
        collapsible: bool = True,
        max_height: str | None = None,
        show_copy_button: bool = True,
        title: str | None = None,
    ) -> None:
        self._data, self._title = data, title
        self._options = {
            "collapsible": bool(collapsible),
            "max_height": max_height,
            "copy": bool(show_copy_button),
        }

    def update(self, data: Any) -> None:
        """Show other data."""
        self._data = data

    def fields(self) -> Mapping[str, Any]:
        """The data as plain JSON."""
        simple = simplify(self._data)
        fields: dict[str, Any] = {"data": simple.value, **self._options}
        if self._title is not None:
            fields["title"] = display_text(self._title, 500)[0]
        if simple.notes:
            fields["note"] = "; ".join(simple.notes)
        return fields


class YAMLViewer(JSONViewer):
    """Data as YAML; the same otherwise."""

    type = "yamlViewer"


def look(form: Form, _draw: Draw) -> Node:
    """A tree, or text; with a button to copy it as text."""
    is_yaml = form.get("type") == "yamlViewer"
    data = form.get("data")
    text = "\n".join(_yaml(data)) if is_yaml else json.dumps(data, indent=2, ensure_ascii=False)
    tree = form.get("collapsible", True) and isinstance(data, dict | list)
    content = h("div", {"class": "tree"}, _tree(data, "", is_yaml)) if tree else h("code", None, text)
    height = str(form.get("max_height") or "")
    box: dict[str, object] = {"class": "data", "tabindex": "0", "role": "region"}
    box["aria-label"] = str(form.get("title") or ("YAML" if is_yaml else "JSON"))
    if _HEIGHT.match(height):
        box["style"] = f"max-height:{height}"
    copy = h("button", {"class": "copy", "type": "button", "data-copy": text}, "Copy")
    head = h(
        "div",
        {"class": "data-head"},
        h("span", None, str(form.get("title") or ("YAML" if is_yaml else "JSON"))),
        copy if form.get("copy", True) and len(text) < 200_000 else None,
    )
    return h("div", {"class": "viewer"}, head, h("div" if tree else "pre", box, content))


def _tree(value: Any, name: str, is_yaml: bool) -> Element:
    label = h("span", {"class": "k-name"}, name) if name else None
    if isinstance(value, dict | list) and value:
        noun = "key" if isinstance(value, dict) else "item"
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        inside = h("ul", None, [h("li", None, _tree(item, str(key), is_yaml)) for key, item in pairs])
        summary = h(
            "summary",
            None,
            label,
            ":" if label else None,
            h("span", {"class": "quiet"}, f" {count_text(len(value), noun)}"),
        )
        return h("details", {"open": len(value) <= _OPEN}, summary, inside)
    return h("span", None, label, ": " if label else None, _leaf(value, is_yaml))


def _leaf(value: Any, is_yaml: bool) -> Element:
    kind = "k-string" if isinstance(value, str) else "k-number" if isinstance(value, int | float) else "k-word"
    text = _scalar(value) if is_yaml else json.dumps(value, ensure_ascii=False)
    return h("span", {"class": kind if not isinstance(value, bool) else "k-word"}, text)


def _yaml(value: Any, indent: str = "") -> Iterator[str]:
    """Lines of YAML for plain JSON."""
    if isinstance(value, dict | list) and value:
        pairs = ((f"{_scalar(key)}:", item) for key, item in value.items()) if isinstance(value, dict) else None
        for head, item in pairs or (("-", item) for item in value):
            if isinstance(item, dict | list) and item:
                yield f"{indent}{head}"
                yield from _yaml(item, indent + "  ")
            else:
                yield f"{indent}{head} {_scalar(item)}"
    else:
        yield f"{indent}{_scalar(value)}"


_PLAIN = re.compile(r"[A-Za-z_./][\w ./()%+-]*(?<! )\Z")
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "~", "nan", ".nan", ".inf"})


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.match(value) and value.lower() not in _RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)
