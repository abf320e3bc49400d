"""What can be wrong with splits and the joins that close them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from flowkit.compile.graph_builder import GraphSource
from flowkit.compile.problems import at_node
from flowkit.compile.structure import Stack, reachable_from
from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.model.graph import Graph, Node
from flowkit.model.problem import Problem

__all__ = ["split_problems", "undecorated_parallel_steps"]

_SPLITS = ("split", "foreach")


def split_problems(source: GraphSource) -> Iterator[Problem]:
    """Problems of splits and joins, among the steps that can be reached."""
    for name in source.structure.order:
        node = source.graph[name]
        arrivals = list(source.structure.arrivals.get(name, {}).values())
        if name == source.graph.end:
            yield from _end_problems(node, arrivals)
        elif node.is_join:
            yield from _join_problems(node, arrivals, source)
        else:
            yield from _plain_problems(node, arrivals, source)
        if node.type in _SPLITS:
            yield from _split_problems(node, source)


def _end_problems(node: Node, arrivals: list[Stack]) -> Iterator[Problem]:
    for split in dict.fromkeys(level.split for stack in arrivals for level in stack):
        yield at_node(
            node,
            "split-without-join",
            f"the flow ends before the split of step {split!r} is joined; "
            "add a step that takes self and inputs before the end",
        )


def _plain_problems(node: Node, arrivals: list[Stack], source: GraphSource) -> Iterator[Problem]:
    first = arrivals[0] if arrivals else ()
    for stack in arrivals[1:]:
        if stack == first:
            continue
        same = [level.split for level in stack] == [level.split for level in first]
        if same:
            at = next(index for index, level in enumerate(stack) if level != first[index])
            branches = ", ".join(dict.fromkeys(arrival[at].branch for arrival in arrivals))
            yield at_node(
                node,
                "not-a-join",
                f"several branches of the split of step {first[at].split!r} lead here ({branches}), "
                "so that it must be a join: let it take self and inputs",
            )
        else:
            names = ", ".join(source.structure.arrivals[node.name])
            yield at_node(
                node,
                "mixed-splits",
                f"the steps that lead here ({names}) are inside different splits; join each split before",
            )
        return


def _join_problems(node: Node, arrivals: list[Stack], source: GraphSource) -> Iterator[Problem]:
    if source.steps[node.name].node.type != "join" and source.steps[node.name].next.steps:
        yield at_node(
            node,
            "join-splits",
            "a join can't split, too; let it go on to one step with self.next, and split there",
            source.steps[node.name].next.line,
        )
    if not arrivals or not all(arrivals):
        yield at_node(
            node,
            "join-without-split",
            "it takes inputs, as a join does, but no split leads to it; let it take only self, or split before it",
        )
        return
    if len({(stack[:-1], stack[-1].split) for stack in arrivals}) > 1:
        names = ", ".join(source.structure.arrivals[node.name])
        splits = ", ".join(dict.fromkeys(stack[-1].split for stack in arrivals))
        yield at_node(
            node,
            "join-of-different-splits",
            f"the steps that it joins ({names}) are inside different splits ({splits}); join each split by itself",
        )
        return
    split = source.graph[arrivals[0][-1].split]
    arrived = {stack[-1].branch for stack in arrivals}
    missing = [branch for branch in source.edges[split.name] if branch not in arrived]
    if missing and not _leads_to_unknown(split.name, source):
        yield at_node(
            node,
            "incomplete-join",
            f"it joins the split of step {split.name!r}, but not its branch {', '.join(missing)}; "
            "all branches of a split go to one join",
        )
    if node.name in arrived:
        yield at_node(
            node,
            "empty-branch",
            f"step {split.name!r} splits straight into this join; put a step between them",
        )


def _split_problems(node: Node, source: GraphSource) -> Iterator[Problem]:
    joins = source.structure.joins.get(node.name, [])
    line = source.steps[node.name].next.line
    reaches_end = any(
        level.split == node.name
        for stack in source.structure.arrivals.get(source.graph.end, {}).values()
        for level in stack
    )
    if not joins and not reaches_end and not _leads_to_unknown(node.name, source):
        yield at_node(
            node,
            "split-without-join",
            "its split is never joined; add a step that takes self and inputs after it",
            line,
        )
    if len(joins) > 1:
        yield at_node(
            node,
            "two-joins",
            f"its split is joined by several steps ({', '.join(joins)}); all its ways must lead to one join",
            line,
        )
    if node.parallel_foreach:
        for target in source.edges[node.name]:
            if any(not source.graph[after].is_join for after in source.edges[target]):
                yield at_node(
                    source.graph[target],
                    "parallel-without-join",
                    f"step {node.name!r} starts it with num_parallel, so that the step after it must be the join",
                )


def undecorated_parallel_steps(graph: Graph, decorators: Mapping[str, Sequence[StepDecorator]]) -> Iterator[Problem]:
    """Steps that ``num_parallel`` starts, without a decorator for that."""
    for split in graph:
        for step in split.out_funcs if split.parallel_foreach else ():
            if step in graph and not any(decorator.is_parallel for decorator in decorators[step]):
                yield at_node(
                    graph[step],
                    "parallel-without-decorator",
                    f"step {split.name!r} starts it with num_parallel, so that it must have the decorator @parallel",
                )


def _leads_to_unknown(split: str, source: GraphSource) -> bool:
    """Whether a way from the split ends in a step whose ``self.next`` is missing or wrong."""
    return any(source.is_incomplete(step) for step in reachable_from(split, source.edges))
