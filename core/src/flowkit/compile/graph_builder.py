"""A flow's graph, from the source of its steps."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import attrs

from flowkit.authoring.flowspec import steps_of
from flowkit.compile.next_statement import NextStatement
from flowkit.compile.step_source import StepSource, clean_doc, read_step
from flowkit.compile.structure import Structure, analyze
from flowkit.model.graph import Graph, Node

__all__ = ["GraphSource", "flow_file", "graph_of", "read_graph"]


@attrs.frozen
class GraphSource:
    """A graph with all that was known when it was made: what the checks look at."""

    flow_class: type[Any]
    graph: Graph
    steps: Mapping[str, StepSource]
    #: Of the valid edges, those to steps that exist. An edge to a step that doesn't, but whose name is near that of
    #: one that nothing else leads to, is here as if it were spelled right.
    edges: Mapping[str, tuple[str, ...]]
    structure: Structure

    def is_incomplete(self, step: str) -> bool:
        """Whether it isn't known where the step goes, because its ``self.next`` is missing or wrong."""
        found = self.steps[step].next
        is_known = len(self.edges[step]) == len(found.steps) > 0 and not found.faults
        return step != self.graph.end and not is_known


def graph_of(flow_class: type[Any]) -> Graph:
    """The graph of ``flow_class``, valid or not."""
    return read_graph(flow_class).graph


def read_graph(flow_class: type[Any]) -> GraphSource:
    """Read the source of all steps. Never raises for what is wrong with the flow."""
    steps = {name: read_step(name, function) for name, function in steps_of(flow_class).items()}
    start = _find(steps, "start")
    end = _find(steps, "end")
    nodes = {name: _typed(step, start, end) for name, step in steps.items()}
    edges = _edges(steps)
    structure = analyze(start, nodes, edges) if start else Structure()
    order = [*structure.order, *(name for name in nodes if name not in structure.order)]
    before: dict[str, set[str]] = {name: set() for name in nodes}
    for name, node in nodes.items():
        for following in node.out_funcs:
            before.setdefault(following, set()).add(name)
    parallel = {target for node in nodes.values() if node.parallel_foreach for target in node.out_funcs}
    graph = Graph(
        name=flow_class.__name__,
        file=flow_file(flow_class),
        nodes={
            name: _placed(attrs.evolve(nodes[name], in_funcs=tuple(sorted(before[name]))), nodes, structure, parallel)
            for name in order
        },
        start=start,
        end=end,
        doc=clean_doc(flow_class.__doc__),
    )
    return GraphSource(flow_class, graph, steps, edges, structure)


def flow_file(flow_class: type[Any]) -> str:
    """The file that the flow's class is in; empty if it is in none, as in a notebook."""
    import os.path

    module = sys.modules.get(flow_class.__module__)
    file = getattr(module, "__file__", None)
    return os.path.abspath(file) if file else ""


def _find(steps: Mapping[str, StepSource], role: str) -> str:
    """The step that is marked as the start or end, or has that name; the only step is both. Empty if there is none."""
    if len(steps) == 1:
        return next(iter(steps))
    marked = [name for name, step in steps.items() if getattr(step.mark, role)]
    if marked:
        return marked[0]
    return role if role in steps else ""


def _typed(step: StepSource, start: str, end: str) -> Node:
    node = step.node
    if node.name == end:
        return attrs.evolve(node, type="end")
    if node.name == start and node.type == "linear":
        return attrs.evolve(node, type="start")
    return node


def _placed(node: Node, nodes: Mapping[str, Node], structure: Structure, parallel: set[str]) -> Node:
    parents = tuple(level.split for level in structure.entry(node.name))
    joins = structure.joins.get(node.name, [])
    open_foreaches = [
        split for split in parents if nodes[split].type == "foreach" and node.name not in structure.joins.get(split, [])
    ]
    return attrs.evolve(
        node,
        split_parents=parents,
        matching_join=joins[0] if joins else None,
        is_inside_foreach=bool(open_foreaches),
        parallel_step=node.name in parallel,
    )


def _edges(steps: Mapping[str, StepSource]) -> dict[str, tuple[str, ...]]:
    named = {target for step in steps.values() for target in step.next.steps}
    orphans = [name for name in steps if name not in named]
    return {name: tuple(_targets(step.next, steps, orphans)) for name, step in steps.items()}


def _targets(statement: NextStatement, steps: Mapping[str, StepSource], orphans: list[str]) -> list[str]:
    found = []
    for target in statement.steps:
        if target not in steps:
            from difflib import get_close_matches

            near = get_close_matches(target, orphans, 1)
            target = near[0] if near else ""
        if target and target not in found:
            found.append(target)
    return found
