"""The drawing of a graph, as SVG elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flowkit_cards.drawing.element import Element, h
from flowkit_cards.drawing.words import count_text, duration_text
from flowkit_cards.graph.layering import Slot, layer_graph
from flowkit_cards.graph.placing import place_slots
from flowkit_cards.graph.plain import Arrow, PlainGraph, PlainStep

__all__ = ["STATE_WORDS", "draw_graph", "facts"]

STATE_WORDS = {"": "", "waiting": "waiting", "running": "running", "succeeded": "done", "failed": "failed"}

_HEIGHT, _ROW, _GAP, _MARGIN = 46.0, 86.0, 22.0, 14.0
_LANE = 16.0
#: Width of a letter of the two sizes of type, about.
_LETTER, _SMALL = 7.3, 6.1
_LONGEST = 26
_MARKS = {"succeeded": "✓", "failed": "✕", "running": "●", "waiting": "○"}


def draw_graph(graph: PlainGraph) -> Element:
    """An ``svg`` element of its natural size."""
    steps = {step.name: step for step in graph.steps}
    arrows = [(step.name, arrow) for step in graph.steps for arrow in step.arrows if arrow.to in steps]
    layering = layer_graph(list(steps), [(source, arrow.to) for source, arrow in arrows])
    middle = place_slots(layering, lambda slot: _width(steps.get(slot.step)), _GAP)
    right = max((middle[slot] + _width(steps.get(slot.step)) / 2 for slot in middle), default=0.0)
    at = {slot.step: (middle[slot] + _MARGIN, slot.row * _ROW + _MARGIN) for slot in middle if slot.step}
    width = right + 2 * _MARGIN + _LANE * len(layering.back) + (_LANE if layering.back else 0)
    height = len(layering.rows) * _ROW - (_ROW - _HEIGHT) + 2 * _MARGIN
    lines = [
        *_forward(arrows, layering.paths, middle),
        *_backward(arrows, sorted(layering.back), at, steps, right + _MARGIN),
    ]
    size = {"width": _n(width), "height": _n(height), "viewBox": f"0 0 {_n(width)} {_n(height)}"}
    return h(
        "svg",
        {**size, "role": "img", "aria-label": f"Graph of {count_text(len(steps), 'step')}", "class": "graph"},
        _arrow_head(),
        lines,
        [_step(step, *at[name]) for name, step in steps.items()],
    )


def facts(step: PlainStep) -> str:
    """What is known of a step's tasks, in a few words."""
    parts = [STATE_WORDS[step.state]] if step.state else []
    if step.tasks > 1:
        parts.append(count_text(step.tasks, "task") if not step.more_tasks else f"{step.tasks:,}+ tasks")
    if step.seconds >= 0:
        parts.append(duration_text(step.seconds))
    return " · ".join(parts)


def _below(step: PlainStep) -> str:
    known = facts(step)
    if known:
        return known
    return f"{step.kind} {step.over}".strip() if step.kind in ("foreach", "switch", "join") else step.kind


def _width(step: PlainStep | None) -> float:
    if step is None:
        return 10.0
    text = max(len(_short(step.name)) * _LETTER, len(_below(step)) * _SMALL)
    return max(text + 50, 96.0)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _step(step: PlainStep, x: float, y: float) -> Element:
    width = _width(step)
    left = x - width / 2
    box = {"x": _n(left), "y": _n(y), "width": _n(width), "height": _n(_HEIGHT), "rx": "8"}
    behind = [
        h("rect", {**box, "x": _n(left + shift), "y": _n(y + shift), "class": "step-behind"})
        for shift in ((6.0, 3.0) if step.tasks > 1 else ())
    ]
    mark = _MARKS.get(step.state)
    full = [step.name, step.kind, f"over {step.over}" if step.over else "", facts(step)]
    return h(
        "g",
        {"class": f"step step-{step.state or 'plain'} kind-{step.kind}{' step-here' if step.is_here else ''}"},
        h("title", None, ", ".join(part for part in full if part)),
        behind,
        h("rect", {**box, "class": "step-box"}),
        h("circle", {"cx": _n(left + 19), "cy": _n(y + 23), "r": "9", "class": "step-mark"}),
        h("text", {"x": _n(left + 19), "y": _n(y + 27), "class": "step-sign"}, mark or _SIGNS.get(step.kind, "")),
        h("text", {"x": _n(left + 36), "y": _n(y + 20), "class": "step-name"}, _short(step.name)),
        h("text", {"x": _n(left + 36), "y": _n(y + 35), "class": "step-facts"}, _below(step)),
    )


_SIGNS = {"foreach": "≡", "switch": "?", "split": "⑂", "join": "⋎"}


def _forward(
    arrows: Sequence[tuple[str, Arrow]], paths: Mapping[int, Sequence[Slot]], middle: Mapping[Slot, float]
) -> Iterator[Element]:
    for number, path in paths.items():
        points: list[tuple[float, float]] = []
        for slot in path:
            x, y = middle[slot] + _MARGIN, slot.row * _ROW + _MARGIN
            # An arrow keeps straight beside the steps of a row that it passes.
            points += [(x, y), (x, y + _HEIGHT)]
        points = points[1:-1]
        (x, y), parts = points[0], [f"M{_n(points[0][0])} {_n(points[0][1])}"]
        for to_x, to_y in points[1:-1]:
            parts.append(_curve(x, y, to_x, to_y))
            x, y = to_x, to_y
        end_x, end_y = points[-1][0], points[-1][1] - 5
        parts.append(_curve(x, y, end_x, end_y))
        yield h("path", {"d": "".join(parts), "class": "arrow", "marker-end": "url(#arrow-head)"})
        if label := arrows[number][1].label:
            to = points[1]
            yield h(
                "text",
                {"x": _n((points[0][0] + 3 * to[0]) / 4), "y": _n(to[1] - 12), "class": "arrow-label"},
                _short(label),
            )


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    if abs(x - to_x) < 0.5:
        return f"L{_n(to_x)} {_n(to_y)}"
    half = (y + to_y) / 2
    return f"C{_n(x)} {_n(half)} {_n(to_x)} {_n(half)} {_n(to_x)} {_n(to_y)}"


def _backward(
    arrows: Sequence[tuple[str, Arrow]],
    back: Sequence[int],
    at: Mapping[str, tuple[float, float]],
    steps: Mapping[str, PlainStep],
    right: float,
) -> Iterator[Element]:
    """Ways back, on the right of everything, each in a lane of its own."""
    for lane, number in enumerate(back, 1):
        source, arrow = arrows[number]
        (x, y), (to_x, to_y) = at[source], at[arrow.to]
        x, to_x = x + _width(steps[source]) / 2, to_x + _width(steps[arrow.to]) / 2 + 5
        y, to_y, side = y + _HEIGHT * 0.65, to_y + _HEIGHT * 0.35, right + lane * _LANE
        line = (
            f"M{_n(x)} {_n(y)}H{_n(side - 8)}Q{_n(side)} {_n(y)} {_n(side)} {_n(y - 8)}"
            f"V{_n(to_y + 8)}Q{_n(side)} {_n(to_y)} {_n(side - 8)} {_n(to_y)}H{_n(to_x)}"
        )
        yield h("path", {"d": line, "class": "arrow arrow-back", "marker-end": "url(#arrow-head)"})
        if arrow.label:
            yield h("text", {"x": _n(x + 6), "y": _n(y - 5), "class": "arrow-label arrow-label-back"}, arrow.label)


def _arrow_head() -> Element:
    attributes = {"id": "arrow-head", "viewBox": "0 0 8 8", "refX": "4", "refY": "4", "orient": "auto-start-reverse"}
    size = {"markerWidth": "7", "markerHeight": "7"}
    shape = h("path", {"d": "M0 0L8 4L0 8Z", "class": "arrow-tip"})
    return h("defs", None, h("marker", {**attributes, **size}, shape))


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
