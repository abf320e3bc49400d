"""``output-dot``: the flow's graph for Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

import click

from flowkit.cli.flow_group import flow_context
from flowkit.model.graph import Graph, Node

__all__ = ["output_dot"]


@click.command(name="output-dot", help="Write the flow's graph in Graphviz's language: … output-dot | dot -Tsvg.")
@click.pass_context
def output_dot(ctx: click.Context) -> None:
    """Write the graph to stdout."""
    context = flow_context(ctx)
    context.console.result("\n".join(_dot(context.compiled.graph)))


def _dot(graph: Graph) -> Iterator[str]:
    yield f"digraph {_quote(graph.name)} {{"
    yield "  rankdir=LR;"
    yield '  node [shape=box, style=rounded, fontname="sans-serif"];'
    yield '  edge [fontname="sans-serif", fontsize=10];'
    for node in graph:
        yield f"  {_quote(node.name)}{_shape(node)};"
    for node in graph:
        for step in node.out_funcs:
            yield f"  {_quote(node.name)} -> {_quote(step)}{_label(node, step)};"
    yield "}"


def _shape(node: Node) -> str:
    shapes = {"foreach": "box3d", "join": "invhouse", "split-switch": "diamond"}
    return f" [shape={shapes[node.type]}]" if node.type in shapes else ""


def _label(node: Node, step: str) -> str:
    if node.type == "split-switch":
        cases = [case for case, target in node.switch_cases.items() if target == step]
        return f" [label={_quote(', '.join(cases))}]" if cases else ""
    if node.type == "foreach":
        return f" [label={_quote('for each of ' + node.foreach_param)}]" if node.foreach_param else ""
    return ""


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
