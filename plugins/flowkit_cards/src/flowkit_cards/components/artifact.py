"""Values of any type, as a programmer reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import describe, display_text, type_name
from flowkit_cards.drawing.element import Node, h
from flowkit_cards.drawing.words import bytes_text, count_text

__all__ = ["Artifact", "Artifacts"]

_SHORT, _LONG = 2000, 100_000
_MAX_ROWS = 500


class Artifact(Component):
    """Any value, as it prints itself.

    Parameters
    ----------
    artifact
        The value.
    name
        What it is called.
    compressed
        Shorten what is long.
    """

    type = "artifacts"
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(self, artifact: object, name: object = None, compressed: bool = True) -> None:
        self._artifact, self._name = artifact, name
        self._limit = _SHORT if compressed else _LONG

    def update(self, artifact: object) -> None:
        """Show another value."""
        self._artifact = artifact

    def fields(self) -> Mapping[str, Any]:
        """A list of one entry."""
        return {"data": [entry(self._name, self._artifact, self._limit)]}


class Artifacts(Component):
    """Several values with their names.

    Parameters
    ----------
    artifacts
        Names and values.
    """

    type = "artifacts"
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(self, artifacts: Mapping[str, object]) -> None:
        self._artifacts = artifacts

    def update(self, artifacts: Mapping[str, object]) -> None:
        """Show other values."""
        self._artifacts = artifacts

    def fields(self) -> Mapping[str, Any]:
        """A list of entries."""
        entries = [entry(name, value, _SHORT) for name, value in list(self._artifacts.items())[:_MAX_ROWS]]
        more = len(self._artifacts) - len(entries)
        return {"data": entries, **({"note": f"and {count_text(more, 'value')} more"} if more > 0 else {})}


def entry(name: object, value: object, limit: int = _SHORT) -> dict[str, Any]:
    """One value: its name, type, and text."""
    text, note = describe(value, limit)
    return {
        "name": None if name is None else display_text(name, 200)[0],
        "type": type_name(value),
        "data": text,
        **({"note": note} if note else {}),
    }


def look(form: Form, _draw: Draw) -> Node:
    """One value in a box; several in a table of names, types, sizes and values."""
    entries = [one for one in form.get("data") or [] if isinstance(one, dict)]
    if len(entries) == 1 and "size" not in entries[0]:
        return _single(entries[0])
    sized = any("size" in one for one in entries)
    names = ["Name", "Type", *(["Size"] if sized else []), "Value"]
    head = h(
        "tr", None, [h("th", {"scope": "col", "class": "number" if name == "Size" else None}, name) for name in names]
    )
    box = {"class": "scroll", "role": "region", "tabindex": "0", "aria-label": "Artifacts"}
    body = h("tbody", None, [_row(one, sized) for one in entries])
    return h("div", box, h("table", {"class": "artifacts"}, h("thead", None, head), body))


def _single(one: Mapping[str, Any]) -> Node:
    name, kind = one.get("name"), h("span", {"class": "quiet"}, str(one.get("type", "")))
    return h(
        "div",
        {"class": "artifact"},
        h("p", {"class": "artifact-head"}, h("code", None, str(name)) if name is not None else None, " ", kind),
        h("pre", {"tabindex": "0"}, str(one.get("data", ""))),
        _note(one),
    )


def _row(one: Mapping[str, Any], sized: bool) -> Node:
    size = one.get("size")
    return h(
        "tr",
        None,
        h("th", {"scope": "row"}, h("code", None, str(one.get("name") or ""))),
        h("td", {"class": "quiet"}, str(one.get("type", ""))),
        h("td", {"class": "number short"}, "" if size is None else bytes_text(size)) if sized else None,
        h("td", None, h("code", {"class": "value-text"}, str(one.get("data", ""))), _note(one)),
    )


def _note(one: Iterable[str] | Mapping[str, Any]) -> Node | None:
    note = one.get("note") if isinstance(one, Mapping) else None
    return h("span", {"class": "note"}, f" {note}") if note else None
