"""Pages and sections: what the navigation of a card lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from flowkit_cards.components.base import CardComponent, Component, Form, form_of
from flowkit_cards.components.looks import Draw, anchor
from flowkit_cards.describe import display_text
from flowkit_cards.drawing.element import Node, clean, h

__all__ = ["Page", "Section", "outline"]


class _Container(Component):
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(self, title: object, subtitle: object, contents: Iterable[object]) -> None:
        self._title, self._subtitle = title, subtitle
        self._contents: list[object] = list(contents)

    def append(self, component: object, id: str | None = None) -> None:  # noqa: A002 (the name that flows use)
        """Add a component at the end."""
        if id is not None and isinstance(component, CardComponent):
            component.component_id = id
        self._contents.append(component)

    def extend(self, components: Iterable[object]) -> None:
        """Add components at the end."""
        self._contents.extend(components)

    def update(self, contents: Iterable[object]) -> None:
        """Show other components."""
        self._contents = list(contents)

    def fields(self) -> Mapping[str, Any]:
        """Titles and the forms of what is inside."""
        titles = {"title": self._title, "subtitle": self._subtitle}
        return {
            **{name: display_text(text, 500)[0] for name, text in titles.items() if text is not None},
            "contents": [form_of(component) for component in self._contents],
        }


class Section(_Container):
    """Components that belong together, under a title that the navigation lists.

    Parameters
    ----------
    title, subtitle
        What stands above.
    columns
        How many stand side by side where there is room.
    contents
        The components.
    """

    type = "section"

    def __init__(
        self,
        title: object = None,
        subtitle: object = None,
        columns: int | None = None,
        contents: Iterable[object] = (),
    ) -> None:
        super().__init__(title, subtitle, contents)
        self._columns = columns

    def fields(self) -> Mapping[str, Any]:
        """With the number of columns."""
        return {**super().fields(), **({} if self._columns is None else {"columns": int(self._columns)})}


class Page(_Container):
    """Sections and components of one subject, with a place of its own in the navigation.

    Parameters
    ----------
    title, subtitle
        What stands above.
    contents
        Sections and other components.
    """

    type = "page"

    def __init__(self, title: object = None, subtitle: object = None, contents: Iterable[object] = ()) -> None:
        super().__init__(title, subtitle, contents)


def look_section(form: Form, draw: Draw) -> Node:
    """A heading, and the components below it in columns."""
    columns = min(max(int(form.get("columns") or 1), 1), 6)
    inside = [draw(one) for one in _contents(form)]
    grid = h("div", {"class": f"grid grid-{columns}"}, inside) if columns > 1 else inside
    return h("section", _named(form), _titles(form, "h3" if form.get("nested") else "h2"), grid)


def look_page(form: Form, draw: Draw) -> Node:
    """A heading, and what is below it."""
    inside = [draw({**one, "nested": True} if one.get("type") == "section" else one) for one in _contents(form)]
    return h("section", {**_named(form), "class": "page"}, _titles(form, "h2"), inside)


def outline(forms: Sequence[Form], path: str = "s") -> tuple[list[Form], list[dict[str, Any]]]:
    """Forms whose pages and sections have places to go to, and those places: ``{anchor, title, inside}``."""
    named: list[Form] = []
    places: list[dict[str, Any]] = []
    for number, form in enumerate(forms):
        if form.get("type") not in ("page", "section"):
            named.append(form)
            continue
        place = f"{path}-{number}"
        inside, below = outline(_contents(form), place)
        named.append({**form, "contents": inside, "place": place})
        if form.get("title"):
            places.append({"anchor": anchor(place), "title": clean(str(form["title"])), "inside": below})
        else:
            places += below
    return named, places


def _contents(form: Form) -> list[Form]:
    return [one if isinstance(one, dict) else {"type": "text", "text": str(one)} for one in form.get("contents") or []]


def _named(form: Form) -> dict[str, object]:
    place = form.get("place")
    if place is None:
        return {}
    name = anchor(place)
    return {"id": name, "aria-labelledby": f"{name}-title" if form.get("title") else None}


def _titles(form: Form, tag: str) -> list[Node]:
    name = f"{anchor(form['place'])}-title" if form.get("place") else None
    titles: list[Node] = [h(tag, {"id": name}, str(form["title"]))] if form.get("title") else []
    if form.get("subtitle"):
        titles.append(h("p", {"class": "subtitle"}, str(form["subtitle"])))
    return titles
