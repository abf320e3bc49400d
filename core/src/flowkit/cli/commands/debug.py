"""``flowkit debug``: an attempt of an earlier run, at a prompt."""

from __future__ import annotations

import click

from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption

__all__ = ["debug"]


@click.command(
    help="Open an attempt of an earlier run at a Python prompt: the flow with its inputs, what it stored, and the "
    "local variables where it failed. RUN alone opens the latest task that failed, RUN/STEP the latest of the step."
)
@click.argument("pathspec", metavar="[FLOW/]RUN[/STEP[/TASK]]")
@click.option("--file", cls=FlowkitOption, metavar="FILE", help="The flow's file. [default: where the run had it]")
@click.option(
    "--attempt", cls=FlowkitOption, type=click.IntRange(min=0), help="Which attempt, from 0. [default: the latest]"
)
@click.option("--metadata", cls=FlowkitOption, metavar="NAME[@LOCATION]", help="Where the run is recorded.")
@click.option(
    "-c", "--command", cls=FlowkitOption, metavar="CODE", help="Run this instead of asking for lines, and end."
)
@click.pass_context
def debug(
    ctx: click.Context, pathspec: str, file: str | None, attempt: int | None, metadata: str | None, command: str | None
) -> None:
    """Open an attempt; exits with 1 if the code of ``--command`` raises."""
    from flowkit.cli.debugging.opening import open_target
    from flowkit.cli.debugging.prompt import banner, names_of, run_code, start_prompt
    from flowkit.cli.debugging.target import find_target
    from flowkit.client.source import get_metadata, source_of
    from flowkit.client.source import metadata as read_from

    context = app_context(ctx)
    if metadata is not None:
        read_from(metadata)
    target = find_target(source_of(get_metadata()), pathspec, attempt)
    opened = open_target(target, context.settings, file)
    names = names_of(opened)
    if command is not None:
        ctx.exit(0 if run_code(names, command) else 1)
    start_prompt(names, banner(opened))
