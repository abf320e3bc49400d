"""The flow's graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowkit_cards.components.base import Component, Form
from flowkit_cards.components.looks import Draw
from flowkit_cards.drawing.element import Element, Node, h
from flowkit_cards.drawing.words import duration_text
from flowkit_cards.graph.picture import STATE_WORDS, draw_graph
from flowkit_cards.graph.plain import PlainGraph, graph_from_form, graph_from_info, graph_to_form

__all__ = ["DAG"]


class DAG(Component):
    """A picture of a flow, with the state of each step, its number of tasks and their time, where these are known.

    Parameters
    ----------
    graph
        What ``current.graph`` gives, or the artifact ``_graph_info``; or a
        :class:`flowkit_cards.graph.plain.PlainGraph`. In a step, the flow's own graph if nothing is given.
    here
        A step to mark.
    """

    type = "dag"

    def __init__(self, graph: Mapping[str, Any] | PlainGraph | None = None, here: str = "") -> None:
        self._graph, self._here = graph, here

    def fields(self) -> Mapping[str, Any]:
        """Steps, with their arrows and what is known of their tasks."""
        graph = self._graph
        if graph is None:
            from flowkit import current

            graph, self._here = current.graph, self._here or str(current.step_name or "")
        if graph is None:
            raise ValueError("give DAG a graph: no task runs here")
        plain = graph if isinstance(graph, PlainGraph) else graph_from_info(graph, self._here)
        return {"data": graph_to_form(plain)}


def look(form: Form, _draw: Draw) -> Node:
    """The picture, and the same as a table for those who can't see it."""
    graph = graph_from_form(form.get("data") or [])
    box = {"class": "scroll graph-box", "role": "region", "tabindex": "0", "aria-label": "Graph of the flow"}
    return h("div", None, h("div", box, draw_graph(graph)), _table(graph))


def _table(graph: PlainGraph) -> Element:
    names = ("Step", "Kind", "Leads to", "State", "Tasks", "Time")
    rows = [
        (
            step.name,
            f"{step.kind} over {step.over}" if step.over else step.kind,
            ", ".join(f"{arrow.to} ({arrow.label})" if arrow.label else arrow.to for arrow in step.arrows),
            STATE_WORDS[step.state],
            "" if step.tasks < 0 else f"{step.tasks:,}{'+' if step.more_tasks else ''}",
            "" if step.seconds < 0 else duration_text(step.seconds),
        )
        for step in graph.steps
    ]
    head = h("thead", None, h("tr", None, [h("th", {"scope": "col"}, name) for name in names]))
    body = h("tbody", None, [h("tr", None, [h("td", None, cell) for cell in row]) for row in rows])
    box = {"class": "scroll", "role": "region", "tabindex": "0", "aria-label": "Steps of the flow"}
    return h(
        "details",
        {"class": "graph-table"},
        h("summary", None, "Steps as a table"),
        h("div", box, h("table", None, head, body)),
    )
