"""Charts in Vega and Vega-Lite."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.describe import Limits, simplify
from flowkit_cards.drawing.element import Node, h
from flowkit_cards.drawing.words import bytes_text

__all__ = ["VegaChart"]

#: Bytes of a specification, its data included.
MAX_SIZE = 10_000_000


class VegaChart(Component):
    """A chart, described by a Vega or Vega-Lite specification with its data inside.

    Needs ``flowkit-cards[charts]``.

    Parameters
    ----------
    spec
        The specification; or a chart of Altair's.
    show_controls
        Offer to save the chart, and to show its source.
    """

    type = "vegaChart"
    REALTIME_UPDATABLE: ClassVar[bool] = True

    def __init__(self, spec: Any, show_controls: bool = False) -> None:
        self._spec = spec
        self._show_controls = show_controls

    @classmethod
    def from_altair_chart(cls, altair_chart: Any) -> VegaChart:
        """A chart of Altair's, as it is now."""
        return cls(_specification(altair_chart))

    def update(self, spec: Any = None) -> None:
        """Show another chart."""
        if spec is not None:
            self._spec = spec

    def fields(self) -> Mapping[str, Any]:
        """The specification, strict JSON."""
        spec = _strict(_specification(self._spec))
        return {"spec": spec, "options": {"actions": bool(self._show_controls)}}


def look(form: Form, _draw: Draw) -> Node:
    """A box that the page's script draws the chart into."""
    spec = form.get("spec") or {}
    attributes = {
        "class": "chart",
        "role": "img",
        "aria-label": _label(spec),
        "data-spec": json.dumps(spec, separators=(",", ":")),
        "data-actions": "1" if (form.get("options") or {}).get("actions") else None,
    }
    return h("div", attributes, h("p", {"class": "note"}, "This chart needs scripts to be drawn."))


def _specification(chart: Any) -> Any:
    if isinstance(chart, Mapping):
        return chart
    if isinstance(chart, str):
        return json.loads(chart)
    if callable(to_dict := getattr(chart, "to_dict", None)):
        return to_dict()
    raise TypeError(f"a chart is a dict or a chart of Altair's, not {type(chart).__name__}")


def _strict(spec: Any) -> Any:
    """The specification without what JSON can't hold: NaN is a missing value, dates and such are text."""
    try:
        text = json.dumps(spec, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        made = simplify(spec, Limits(values=200_000, depth=60, text=1_000_000))
        if made.notes:
            raise ValueError(f"the chart was left out: {'; '.join(made.notes)}") from None
        text = json.dumps(_without_nan(made.value), allow_nan=False)
    if len(text) > MAX_SIZE:
        raise ValueError(
            f"the chart was left out: it has {bytes_text(len(text))}, and a card takes {bytes_text(MAX_SIZE)}; "
            "aggregate its data first"
        )
    return json.loads(text)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nan(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, str) and value in ("nan", "inf", "-inf") else value


def _label(spec: Any) -> str:
    title = spec.get("title") if isinstance(spec, dict) else None
    text = title.get("text") if isinstance(title, dict) else title
    described = spec.get("description") if isinstance(spec, dict) else None
    return f"Chart: {described or text}"[:300] if described or text else "Chart"
