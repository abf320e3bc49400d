"""How each type of form looks: a table of functions, each loaded when a form of its type is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import import_module

from flowkit_cards.components.base import Form, error_form
from flowkit_cards.drawing.element import Element, Node, h

__all__ = ["LOOKS", "Draw", "Look", "anchor", "draw"]

#: Draws a form that is inside another.
Draw = Callable[[Form], Element]
Look = Callable[[Form, Draw], Node]

_HERE = "flowkit_cards.components"
#: Type of a form, and the function that draws it.
LOOKS: dict[str, str] = {
    "text": f"{_HERE}.text:look_text",
    "heading": f"{_HERE}.text:look_heading",
    "title": f"{_HERE}.text:look_title",
    "subtitle": f"{_HERE}.text:look_subtitle",
    "markdown": f"{_HERE}.markdown:look",
    "table": f"{_HERE}.table:look",
    "image": f"{_HERE}.image:look",
    "vegaChart": f"{_HERE}.vega:look",
    "progressBar": f"{_HERE}.progress:look",
    "valueBox": f"{_HERE}.value_box:look",
    "artifacts": f"{_HERE}.artifact:look",
    "log": f"{_HERE}.log:look",
    "pythonCode": f"{_HERE}.code:look",
    "eventsTimeline": f"{_HERE}.events:look",
    "dag": f"{_HERE}.dag:look",
    "section": f"{_HERE}.structure:look_section",
    "page": f"{_HERE}.structure:look_page",
    "jsonViewer": f"{_HERE}.viewers:look",
    "yamlViewer": f"{_HERE}.viewers:look",
    "error": f"{_HERE}.error:look",
    "html": f"{_HERE}.raw_html:look",
}


def anchor(name: object) -> str:
    """The id, in the page, of the component ``name``."""
    return "c-" + re.sub(r"[^\w-]+", "-", str(name))


def draw(form: Form) -> Element:
    """The element of a form. Never raises: what can't be drawn says so."""
    kind = form.get("type")
    try:
        content = _look(str(kind))(form, draw)
    except Exception as error:
        content = _look("error")(error_form(f"A component of type {kind!r} can't be drawn", error), draw)
    name = form.get("id")
    attributes = {"class": f"c c-{kind if kind in LOOKS else 'unknown'}"}
    if name is not None:
        attributes |= {"id": anchor(name), "data-id": str(name)}
    note = form.get("note")
    return h("div", attributes, content, h("p", {"class": "note"}, str(note)) if note else None)


@cache
def _look(kind: str) -> Look:
    target = LOOKS.get(kind)
    if target is None:
        raise LookupError(f"known types are {', '.join(LOOKS)}")
    module, _, name = target.partition(":")
    look: Look = getattr(import_module(module), name)
    return look
