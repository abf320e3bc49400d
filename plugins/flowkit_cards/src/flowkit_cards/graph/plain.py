"""A graph as plain values: what a picture is drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs

__all__ = ["Arrow", "PlainGraph", "PlainStep", "State", "graph_from_form", "graph_from_info", "graph_to_form"]

State = Literal["", "waiting", "running", "succeeded", "failed"]
_STATES = frozenset({"waiting", "running", "succeeded", "failed"})


@attrs.frozen
class Arrow:
    """One way on."""

    to: str
    #: The case of a switch that leads here.
    label: str = ""


@attrs.frozen
class PlainStep:
    """One step, and what is known of its tasks."""

    name: str
    #: ``start``, ``linear``, ``split``, ``foreach``, ``switch``, ``join`` or ``end``.
    kind: str = "linear"
    arrows: tuple[Arrow, ...] = ()
    #: What a foreach goes over, or a switch depends on.
    over: str = ""
    state: State = ""
    #: Tasks so far; -1 if unknown.
    tasks: int = -1
    #: There are more tasks than were counted.
    more_tasks: bool = False
    #: From the first task's begin to the last one's end; -1 if unknown.
    seconds: float = -1.0
    #: The step that the card is of.
    is_here: bool = False


@attrs.frozen
class PlainGraph:
    """Steps, the first one first."""

    steps: tuple[PlainStep, ...]


_KINDS = {"split-static": "split", "split-foreach": "foreach", "split-parallel": "foreach", "split-switch": "switch"}


def graph_from_info(info: Mapping[str, Any], here: str = "") -> PlainGraph:
    """From what a run stores of its graph (``_graph_info``), or from its ``steps`` alone.

    Parameters
    ----------
    here
        The step to mark.
    """
    steps: Mapping[str, Any] = info.get("steps", info) if isinstance(info.get("steps", info), Mapping) else {}
    first = str(info.get("start_step") or "start")
    ordered = sorted(steps, key=lambda name: name != first)
    return PlainGraph(tuple(_step_from_info(name, steps[name], name == here) for name in ordered))


def _step_from_info(name: str, info: Mapping[str, Any], is_here: bool) -> PlainStep:
    kind = str(info.get("type", "linear"))
    cases = {str(step): str(case) for case, step in (info.get("switch_cases") or {}).items()}
    over = info.get("foreach_artifact") or info.get("condition") or ""
    if kind == "split-parallel":
        over = "num_parallel"
    return PlainStep(
        name=name,
        kind=_KINDS.get(kind, kind),
        arrows=tuple(Arrow(str(to), cases.get(str(to), "")) for to in info.get("next") or ()),
        over=str(over),
        is_here=is_here,
    )


def graph_to_form(graph: PlainGraph) -> list[dict[str, Any]]:
    """As JSON."""
    return [attrs.asdict(step) for step in graph.steps]


def graph_from_form(form: Sequence[Mapping[str, Any]]) -> PlainGraph:
    """From JSON; what doesn't fit is left out."""
    known = {field.name for field in attrs.fields(PlainStep)}
    steps = []
    for one in form:
        fields = {name: value for name, value in one.items() if name in known and name != "arrows"}
        fields["state"] = fields.get("state") if fields.get("state") in _STATES else ""
        arrows = tuple(Arrow(str(to["to"]), str(to.get("label", ""))) for to in one.get("arrows") or ())
        steps.append(PlainStep(**{**fields, "name": str(one["name"])}, arrows=arrows))
    return PlainGraph(tuple(steps))
