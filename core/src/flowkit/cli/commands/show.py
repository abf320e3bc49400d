"""``show``: the flow's steps, what they do and where they lead."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from flowkit.cli.console import may_colour
from flowkit.cli.flow_group import flow_context
from flowkit.cli.text import dedent, docstring
from flowkit.model.graph import Node

__all__ = ["show"]

_INDENT = "    "


@click.command(help="Show the flow's steps, with their descriptions.")
@click.pass_context
def show(ctx: click.Context) -> None:
    """Write the graph to stdout, in topological order."""
    context = flow_context(ctx)
    compiled = context.compiled
    colour = may_colour(sys.stdout)
    parts = [click.style(compiled.name, bold=True) if colour else compiled.name]
    parts += [_INDENT + line if line else "" for line in docstring(context.flow_class).splitlines()]
    for node in compiled.graph:
        parts += ["", *_step(node, colour=colour)]
    context.console.result("\n".join(parts))
    if compiled.problems:
        count = len(compiled.problems)
        what = "1 problem" if count == 1 else f"{count} problems"
        context.console.message(
            f"This flow has {what}: '{ctx.find_root().command_path} check' lists what.", fg="yellow"
        )


def _step(node: Node, *, colour: bool) -> Iterator[str]:
    name = click.style(node.name, fg="green", bold=True) if colour else node.name
    yield f"Step {name}{_role(node)}"
    for decorator in node.decorators:
        yield f"{_INDENT}{click.style(str(decorator), fg='cyan') if colour else decorator}"
    for line in dedent(node.doc).splitlines():
        yield f"{_INDENT}{line}".rstrip()
    if node.out_funcs:
        arrow = click.style("=>", fg="magenta") if colour else "=>"
        yield f"{_INDENT}{arrow} {_next(node)}"


def _role(node: Node) -> str:
    if node.is_join:
        return " (joins its inputs)"
    return " (one of several tasks that run together)" if node.parallel_step else ""


def _next(node: Node) -> str:
    if node.type == "split-switch" and node.switch_cases:
        cases = ", ".join(f"{case}: {step}" for case, step in node.switch_cases.items())
        return f"by self.{node.condition} to one of {{{cases}}}"
    steps = ", ".join(node.out_funcs)
    if node.parallel_foreach:
        return f"{steps}, in several tasks at the same time"
    if node.type == "foreach":
        return f"{steps}, once for each item of self.{node.foreach_param}"
    return steps
