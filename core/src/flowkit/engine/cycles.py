"""Loops of a graph: steps that a switch can lead back to."""

from __future__ import annotations

from flowkit.model.graph import Graph

__all__ = ["cycle_of", "descendants", "steps_in_cycles"]


def descendants(graph: Graph, step: str) -> frozenset[str]:
    """All steps that can run after ``step`` (itself only if it is in a loop)."""
    found: set[str] = set()
    pending = list(graph[step].out_funcs)
    while pending:
        name = pending.pop()
        if name not in found and name in graph:
            found.add(name)
            pending.extend(graph[name].out_funcs)
    return frozenset(found)


def steps_in_cycles(graph: Graph) -> frozenset[str]:
    """All steps that can lead back to themselves."""
    if not any(node.type == "split-switch" for node in graph):
        return frozenset()
    return frozenset(node.name for node in graph if node.name in descendants(graph, node.name))


def cycle_of(graph: Graph) -> dict[str, frozenset[str]]:
    """For each step in a loop, the steps that it can reach and that can reach it."""
    cyclic = steps_in_cycles(graph)
    below = {name: descendants(graph, name) for name in cyclic}
    return {name: frozenset(other for other in below[name] if name in below.get(other, ())) for name in cyclic}
