"""The drawing of a graph, as SVG elements."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from flowkit_cards.drawing.element import Element, h
from flowkit_cards.drawing.words import count_text, duration_text
from flowkit_cards.graph.layering import layer_graph
from flowkit_cards.graph.placing import place_slots
from flowkit_cards.graph.plain import Arrow, PlainGraph, PlainStep

__all__ = ["STATE_WORDS", "draw_graph", "facts"]

STATE_WORDS = {"": "", "waiting": "waiting", "running": "running", "succeeded": "done", "failed": "failed"}

_HEIGHT, _ROW, _GAP, _MARGIN = 46.0, 86.0, 22.0, 14.0
#: Room on the right for an arrow from a step to itself; how far an arrow back stands beside one on; length of a tip.
_LOOP, _BESIDE, _TIP = 22.0, 12.0, 5.0
#: Where a step's text begins, with a mark of its state and without.
_MARKED, _PLAIN = 36.0, 14.0
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
    width = right + 2 * _MARGIN + _LOOP
    height = len(layering.rows) * _ROW - (_ROW - _HEIGHT) + 2 * _MARGIN
    lines = [
        _arrow(arrow, [(middle[slot] + _MARGIN, slot.row * _ROW + _MARGIN) for slot in path], number in layering.back)
        for number, path in layering.paths.items()
        for arrow in (arrows[number][1],)
    ]
    loops = [_loop(arrow, steps[source], *at[source]) for source, arrow in arrows if source == arrow.to]
    size = {"width": _n(width), "height": _n(height), "viewBox": f"0 0 {_n(width)} {_n(height)}"}
    return h(
        "svg",
        {**size, "role": "img", "aria-label": f"Graph of {count_text(len(steps), 'step')}", "class": "graph"},
        _arrow_head(),
        lines,
        loops,
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
    return max(text + 14 + (_MARKED if step.state else _PLAIN), 84.0)


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
    full = [step.name, step.kind, f"over {step.over}" if step.over else "", facts(step)]
    text = left + (_MARKED if step.state else _PLAIN)
    return h(
        "g",
        {"class": f"step step-{step.state or 'plain'} kind-{step.kind}{' step-here' if step.is_here else ''}"},
        h("title", None, ", ".join(part for part in full if part)),
        behind,
        h("rect", {**box, "class": "step-box"}),
        _mark(step, left, y),
        h("text", {"x": _n(text), "y": _n(y + 20), "class": "step-name"}, _short(step.name)),
        h("text", {"x": _n(text), "y": _n(y + 35), "class": "step-facts"}, _below(step)),
    )


def _mark(step: PlainStep, left: float, y: float) -> list[Element]:
    if not step.state:
        return []
    return [
        h("circle", {"cx": _n(left + 19), "cy": _n(y + 23), "r": "9", "class": "step-mark"}),
        h("text", {"x": _n(left + 19), "y": _n(y + 27), "class": "step-sign"}, _MARKS[step.state]),
    ]


def _arrow(arrow: Arrow, places: Sequence[tuple[float, float]], is_back: bool) -> list[Element]:
    """An arrow through places, from the upper one to the lower one, or back."""
    # It keeps straight beside the steps of a row that it passes.
    points = [point for x, y in places for point in ((x, y), (x, y + _HEIGHT))][1:-1]
    if is_back:
        points = [(x + _BESIDE, y) for x, y in reversed(points)]
    *way, (x, y) = points
    way.append((x, y + (_TIP if is_back else -_TIP)))
    parts = [f"M{_n(way[0][0])} {_n(way[0][1])}"]
    parts += [_curve(*start, *end) for start, end in pairwise(way)]
    kind = "arrow arrow-back" if is_back else "arrow"
    made = [h("path", {"d": "".join(parts), "class": kind, "marker-end": "url(#arrow-head)"})]
    if arrow.label:
        (x, y), (to_x, to_y) = points[:2]
        place = (x, y - 10) if is_back else ((x + 3 * to_x) / 4, to_y - 12)
        kind = "arrow-label arrow-label-back" if is_back else "arrow-label"
        made.append(h("text", {"x": _n(place[0] + 6 * is_back), "y": _n(place[1]), "class": kind}, _short(arrow.label)))
    return made


def _loop(arrow: Arrow, step: PlainStep, x: float, y: float) -> list[Element]:
    """An arrow from a step to itself, on its right."""
    right = x + _width(step) / 2
    line = f"M{_n(right)} {_n(y + 34)}h10q8 0 8 -8v-6q0 -8 -8 -8h-{_n(10 - _TIP)}"
    made = [h("path", {"d": line, "class": "arrow arrow-back", "marker-end": "url(#arrow-head)"})]
    if arrow.label:
        place = {"x": _n(right + 6), "y": _n(y + 8), "class": "arrow-label arrow-label-back"}
        made.append(h("text", place, _short(arrow.label)))
    return made


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    if abs(x - to_x) < 0.5:
        return f"L{_n(to_x)} {_n(to_y)}"
    half = (y + to_y) / 2
    return f"C{_n(x)} {_n(half)} {_n(to_x)} {_n(half)} {_n(to_x)} {_n(to_y)}"


def _arrow_head() -> Element:
    attributes = {"id": "arrow-head", "viewBox": "0 0 8 8", "refX": "4", "refY": "4", "orient": "auto-start-reverse"}
    size = {"markerWidth": "7", "markerHeight": "7"}
    shape = h("path", {"d": "M0 0L8 4L0 8Z", "class": "arrow-tip"})
    return h("defs", None, h("marker", {**attributes, **size}, shape))


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
