"""``output-raw``: the flow's graph as FlowKit has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from flowkit.cli.flow_group import flow_context
from flowkit.cli.options import FlowkitOption
from flowkit.model.graph import Graph, Node

__all__ = ["output_raw"]


@click.command(name="output-raw", help="Write the flow's graph as FlowKit has it, a section a step, or as JSON.")
@click.option(
    "--json", "as_json", cls=FlowkitOption, is_flag=True, help="Write JSON: the steps, and how they are nested."
)
@click.pass_context
def output_raw(ctx: click.Context, as_json: bool) -> None:
    """Write the graph to stdout."""
    from flowkit.compile.graph_info import graph_info

    context = flow_context(ctx)
    graph = context.compiled.graph
    if as_json:
        info = graph_info(context.compiled)
        shown = {"graph": info["steps"], "graph_structure": info["graph_structure"]}
        context.console.result(json.dumps(shown, indent=4))
        return
    context.console.result("\n".join(line for node in graph for line in _section(graph, node)))


def _section(graph: Graph, node: Node) -> Iterator[str]:
    yield f"[{node.name} {node.type} ({node.file} line {node.line})]"
    for name, value in _facts(graph, node).items():
        yield f"    {name}={_text(value)}"
    yield f"    -> {_text(node.out_funcs) or 'nothing'}"


def _facts(graph: Graph, node: Node) -> dict[str, Any]:
    return {
        "in_funcs": node.in_funcs,
        "out_funcs": node.out_funcs,
        "split_parents": node.split_parents,
        "split_branches": _branches(graph, node),
        "matching_join": node.matching_join,
        "is_inside_foreach": node.is_inside_foreach,
        "decorators": tuple(map(str, node.decorators)),
        "num_args": node.num_args,
        "foreach_param": node.foreach_param,
        "condition": node.condition,
        "switch_cases": tuple(f"{case}: {step}" for case, step in node.switch_cases.items()),
        "parallel_step": node.parallel_step,
        "parallel_foreach": node.parallel_foreach,
    }


def _branches(graph: Graph, node: Node) -> tuple[str, ...]:
    """Of each enclosing split, the step after it on the way here."""
    found = []
    for split in node.split_parents:
        if graph[split].matching_join == node.name:
            continue  # here its branches end
        for step in graph[split].out_funcs:
            if step == node.name or _leads(graph, step, node.name, graph[split].matching_join):
                found.append(step)
                break
    return tuple(found)


def _leads(graph: Graph, start: str, to: str, until: str | None) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        step = waiting.pop()
        if step == to:
            return True
        if step not in seen and step != until:
            seen.add(step)
            waiting.extend(graph[step].out_funcs)
    return False


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]" if value else ""
    return str(value)
