"""The shape of a graph: its order, which splits each step is inside of, and which join closes each split."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from flowkit.model.graph import Node

__all__ = ["Level", "Structure", "analyze", "reachable_from"]

Edges = Mapping[str, tuple[str, ...]]


@attrs.frozen
class Level:
    """One enclosing split, and by which of its steps one came in."""

    split: str
    branch: str


Stack = tuple[Level, ...]


@attrs.define
class Structure:
    """What a walk through the graph found."""

    #: Reachable steps, each after those that lead to it (but for the one that closes a loop).
    order: list[str] = attrs.field(factory=list)
    #: Edges that close a loop.
    back_edges: set[tuple[str, str]] = attrs.field(factory=set)
    #: By step and by the step before it: the enclosing splits on arrival, the one that a join closes included.
    arrivals: dict[str, dict[str, Stack]] = attrs.field(factory=dict)
    #: By split: the joins that close it; one in a valid graph.
    joins: dict[str, list[str]] = attrs.field(factory=dict)

    def entry(self, step: str) -> Stack:
        """The splits that enclose a step, as its first predecessor has it."""
        return next(iter(self.arrivals.get(step, {}).values()), ())


def reachable_from(start: str, edges: Edges) -> set[str]:
    """``start`` and all steps that it leads to."""
    found, pending = {start}, [start]
    while pending:
        for step in edges.get(pending.pop(), ()):
            if step not in found:
                found.add(step)
                pending.append(step)
    return found


def analyze(start: str, nodes: Mapping[str, Node], edges: Edges) -> Structure:
    """Walk the graph from ``start``. ``edges`` lead to known steps only; the graph need not be valid."""
    result = Structure()
    _sort(start, edges, result)
    for step in result.order:
        node = nodes[step]
        stack = result.entry(step)
        if node.is_join and stack and step != start:
            closed = result.joins.setdefault(stack[-1].split, [])
            if step not in closed:
                closed.append(step)
            stack = stack[:-1]
        for following in edges[step]:
            inside = (*stack, Level(step, following)) if node.type in ("split", "foreach") else stack
            result.arrivals.setdefault(following, {})[step] = inside
    # A step's entry is that of the way forward; what comes round a loop is compared with it later.
    for source, target in result.back_edges:
        arrivals = result.arrivals[target]
        if source in arrivals and len(arrivals) > 1:
            arrivals[source] = arrivals.pop(source)
    return result


def _sort(start: str, edges: Edges, result: Structure) -> None:
    """Fill in the order and the back edges: depth first, without recursion (flows may be long)."""
    state: dict[str, bool] = {start: False}  # True when all that follows has been visited
    finished: list[str] = []
    path = [(start, iter(edges[start][::-1]))]
    while path:
        step, following = path[-1]
        for target in following:
            if target not in state:
                state[target] = False
                path.append((target, iter(edges[target][::-1])))
                break
            if not state[target]:
                result.back_edges.add((step, target))
        else:
            state[step] = True
            finished.append(step)
            path.pop()
    result.order = finished[::-1]
