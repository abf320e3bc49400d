"""One number that matters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import display_text
from flowkit_cards.drawing.element import Node, h

__all__ = ["ValueBox"]


class ValueBox(Component):
    """A value in large type, with a title.

    Parameters
    ----------
    title
        What it is.
    value
        The value.
    subtitle
        A line under it.
    theme
        ``default``, ``success``, ``warning``, ``danger`` or ``bg-gradient-indigo-purple``.
    change_indicator
        How it has changed: ``"+2.1%"``.
    """

    type = "valueBox"
    REALTIME_UPDATABLE: ClassVar[bool] = True
    VALID_THEMES: ClassVar[frozenset[str]] = frozenset(
        {"default", "success", "warning", "danger", "bg-gradient-indigo-purple"}
    )

    def __init__(
        self,
        title: str | None = None,
        value: object = "",
        subtitle: str | None = None,
        theme: str | None = None,
        change_indicator: str | None = None,
    ) -> None:
        self._check_theme(theme)
        self._shown: dict[str, object] = {
            "title": title,
            "value": value,
            "subtitle": subtitle,
            "theme": theme,
            "change_indicator": change_indicator,
        }

    def update(
        self,
        title: str | None = None,
        value: object = None,
        subtitle: str | None = None,
        theme: str | None = None,
        change_indicator: str | None = None,
    ) -> None:
        """Change what is given; the rest stays."""
        self._check_theme(theme)
        given = {
            "title": title,
            "value": value,
            "subtitle": subtitle,
            "theme": theme,
            "change_indicator": change_indicator,
        }
        self._shown |= {name: one for name, one in given.items() if one is not None}

    def fields(self) -> Mapping[str, Any]:
        """Texts."""
        return {name: display_text(value, 500)[0] for name, value in self._shown.items() if value is not None}

    def _check_theme(self, theme: str | None) -> None:
        if theme is not None and theme not in self.VALID_THEMES:
            raise ValueError(f"theme {theme!r} is none of {', '.join(sorted(self.VALID_THEMES))}")


def look(form: Form, _draw: Draw) -> Node:
    """A box."""
    theme = form.get("theme") if form.get("theme") in ValueBox.VALID_THEMES else "default"
    title, subtitle, change = (form.get(name) for name in ("title", "subtitle", "change_indicator"))
    return h(
        "div",
        {"class": f"value value-{theme}"},
        h("p", {"class": "value-title"}, str(title)) if title else None,
        h("p", {"class": "value-number"}, str(form.get("value", ""))),
        h("p", {"class": "value-change"}, str(change)) if change else None,
        h("p", {"class": "value-subtitle"}, str(subtitle)) if subtitle else None,
    )
