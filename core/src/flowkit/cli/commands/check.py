"""``check``: is the flow valid?"""

from __future__ import annotations

import click

from flowkit.cli.flow_group import flow_context
from flowkit.compile.compiler import check as check_flow

__all__ = ["check"]


@click.command(help="Check that the flow is valid, and list all that isn't.")
# pylint's warnings; accepted, so that command lines written elsewhere work.
@click.option("--warnings/--no-warnings", default=False, hidden=True, expose_value=False)
@click.pass_context
def check(ctx: click.Context) -> None:
    """Say that the flow is valid; raises GraphError, which lists the problems, if it isn't."""
    context = flow_context(ctx)
    compiled = context.compiled
    check_flow(compiled)
    steps = len(compiled.graph)
    context.console.result(f"{compiled.name} is valid: {steps} step{'' if steps == 1 else 's'}")
