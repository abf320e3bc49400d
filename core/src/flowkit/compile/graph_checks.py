"""What can be wrong with a graph as such: names, ends, edges, loops. Splits and joins are in split_checks."""

from __future__ import annotations

from collections.abc import Iterator

from flowkit.authoring.flowspec import api_names
from flowkit.compile.graph_builder import GraphSource
from flowkit.compile.problems import at_node, close_to
from flowkit.compile.split_checks import split_problems
from flowkit.compile.structure import reachable_from
from flowkit.model.graph import Node
from flowkit.model.problem import Problem

__all__ = ["graph_problems"]

_VALID = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


def graph_problems(source: GraphSource) -> Iterator[Problem]:
    """All problems of a graph, in no order."""
    for step in source.steps.values():
        yield from step.problems
    if not source.steps:
        yield Problem(
            f"flow {source.graph.name!r} has no steps; decorate its methods with @step",
            source.graph.file,
            code="no-steps",
        )
        return
    yield from _end_problems(source, "start")
    yield from _end_problems(source, "end")
    for node in source.graph:
        yield from _name_problems(node)
        yield from _edge_problems(node, source)
    yield from _loop_problems(source)
    if source.graph.start:
        yield from _reach_problems(source)
        yield from split_problems(source)


def _end_problems(source: GraphSource, role: str) -> Iterator[Problem]:
    graph = source.graph
    marked = [name for name, step in source.steps.items() if getattr(step.mark, role)]
    if len(marked) > 1:
        for name in marked[1:]:
            yield at_node(
                graph[name], f"two-{role}s", f"@step({role}=True) is on {marked[0]!r} already; a flow has one {role}"
            )
    if marked and marked[0] != role and role in graph and len(graph) > 1:
        yield at_node(
            graph[role],
            f"two-{role}s",
            f"its name says that the flow {role}s here, but {marked[0]!r} has @step({role}=True); rename this one",
        )
    if not getattr(graph, role):
        first = next(iter(graph))
        name = close_to(role, graph.nodes)
        yield Problem(
            f"the flow has no {role}: name a step {role!r}, or mark one with @step({role}=True){name}",
            first.file,
            first.line,
            code=f"no-{role}",
        )


def _name_problems(node: Node) -> Iterator[Problem]:
    if node.name in api_names():
        yield at_node(node, "reserved-name", f"{node.name!r} is a name of FlowKit's own; give the step another")
    elif node.name[0] == "_" or not set(node.name) <= _VALID:
        yield at_node(
            node,
            "bad-step-name",
            "the names of steps are of lower-case letters, digits and underscores, and don't begin with one",
        )


def _edge_problems(node: Node, source: GraphSource) -> Iterator[Problem]:
    graph, step = source.graph, source.steps[node.name]
    if node.name == graph.end:
        if step.next.present:
            yield at_node(
                node, "end-with-next", "the flow ends here, so that it can't have self.next; remove it", step.next.line
            )
        if node.num_args == 2:
            yield at_node(
                node, "end-is-join", "the last step can't be a join; add a join before it, and take only self here"
            )
        return
    if not step.has_source:
        yield at_node(
            node, "no-source", "its source can't be read, or was changed after it was imported: keep the flow in a file"
        )
    elif not step.next.present:
        yield at_node(node, "no-next", "it has no self.next; add it as the last statement of the step")
    for target in node.out_funcs:
        if target not in graph:
            is_method = callable(getattr(source.flow_class, target, None))
            hint = "; decorate that method with @step" if is_method else close_to(target, graph.nodes)
            yield at_node(
                node, "unknown-step", f"self.next goes to {target!r}, which isn't a step{hint}", step.next.line
            )
    if graph.start in node.out_funcs and node.name != graph.start:
        yield at_node(
            node,
            "next-to-start",
            f"self.next goes to {graph.start!r}, where the flow starts; no step may",
            step.next.line,
        )


def _loop_problems(source: GraphSource) -> Iterator[Problem]:
    """Loops that no switch is part of: they would never end."""
    plain = {
        name: tuple(target for target in targets if source.graph[target].type != "split-switch")
        for name, targets in source.edges.items()
        if source.graph[name].type != "split-switch" and name != source.graph.end
    }
    reported: set[str] = set()
    for name in source.graph.nodes:
        if name not in plain or name in reported:
            continue
        loop = _loop_through(name, plain)
        if loop:
            reported.update(loop)
            way = " -> ".join([*loop, loop[0]])
            last = loop[-1]
            yield at_node(
                source.graph[last],
                "loop",
                f"{way} is a loop without an end; only a switch may lead back: "
                "self.next({'again': self.a, 'done': self.b}, condition='name')",
                source.steps[last].next.line,
            )


def _loop_through(start: str, edges: dict[str, tuple[str, ...]]) -> list[str]:
    """The steps of a shortest loop through ``start``, from it; empty if there is none."""
    previous: dict[str, str] = {}
    pending = [start]
    while pending:
        step = pending.pop(0)
        for target in edges.get(step, ()):
            if target == start:
                path = [step]
                while path[-1] != start:
                    path.append(previous[path[-1]])
                return path[::-1]
            if target not in previous:
                previous[target] = step
                pending.append(target)
    return []


def _reach_problems(source: GraphSource) -> Iterator[Problem]:
    graph = source.graph
    reached = reachable_from(graph.start, source.edges)
    loose = {step for step in reached if source.is_incomplete(step)}
    for node in graph:
        # Where a step's way is unknown, those that it may lead to can't be called unreachable.
        if node.name not in reached and not loose:
            yield at_node(
                node,
                "unreachable",
                f"no way leads from {graph.start!r} to it; name it in another step's self.next, or remove it",
            )
    if not graph.end:
        return
    backwards: dict[str, tuple[str, ...]] = {}
    for name, targets in source.edges.items():
        for target in targets:
            backwards[target] = (*backwards.get(target, ()), name)
    finishing = reachable_from(graph.end, backwards)
    for step in loose:
        finishing |= reachable_from(step, backwards)
    for name in reached - finishing:
        yield at_node(
            graph[name],
            "no-way-to-end",
            f"no way leads from it to {graph.end!r}; give a switch on its way a case that leaves the loop",
        )
