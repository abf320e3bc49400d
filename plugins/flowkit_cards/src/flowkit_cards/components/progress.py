"""Progress bars."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import display_text
from flowkit_cards.drawing.element import Node, h

__all__ = ["ProgressBar"]


class ProgressBar(Component):
    """How far something has come.

    Parameters
    ----------
    max
        The value at which it is done.
    label
        What it is that goes on.
    value
        How far it is.
    unit
        What is counted: ``"batches"``.
    metadata
        A line of details: ``"loss 0.31"``.
    """

    type = "progressBar"
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(
        self,
        max: float = 100,  # noqa: A002 (the name that flows use)
        label: str | None = None,
        value: float = 0,
        unit: str | None = None,
        metadata: str | None = None,
    ) -> None:
        self._max, self._value = max, value
        self._label, self._unit, self._metadata = label, unit, metadata

    def update(self, new_value: float, metadata: str | None = None) -> None:
        """Move the bar.

        Parameters
        ----------
        new_value
            How far it is now.
        metadata
            A line of details; None leaves the one that is there.
        """
        self._value = new_value
        if metadata is not None:
            self._metadata = metadata

    def fields(self) -> Mapping[str, Any]:
        """Numbers and texts."""
        texts = {"label": self._label, "unit": self._unit, "details": self._metadata}
        return {
            "max": _number(self._max) or 0,
            "value": _number(self._value) or 0,
            **{name: display_text(text, 500)[0] for name, text in texts.items() if text is not None},
        }


def look(form: Form, _draw: Draw) -> Node:
    """A bar with its label, and the numbers in words."""
    top, value = float(form.get("max") or 0), float(form.get("value") or 0)
    label = str(form.get("label") or "Progress")
    unit = f" {form['unit']}" if form.get("unit") else ""
    numbers = f"{_short(value)} / {_short(top)}{unit}" if top > 0 else f"{_short(value)}{unit}"
    # A bar without an end runs.
    bar = {"aria-label": label, "max": _short(top), "value": _short(min(max(value, 0), top))} if top > 0 else {}
    details = form.get("details")
    return h(
        "div",
        {"class": "progress"},
        h("div", {"class": "progress-head"}, h("span", None, label), h("span", {"class": "quiet"}, numbers)),
        h("progress", bar or {"aria-label": label}),
        h("p", {"class": "quiet"}, str(details)) if details else None,
    )


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _short(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{value:.4g}"
