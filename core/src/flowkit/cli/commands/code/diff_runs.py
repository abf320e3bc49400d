"""``flowkit code diff-runs``: two runs."""

from __future__ import annotations

import click

from flowkit.cli.commands.code.output import write_differences
from flowkit.cli.commands.code.run_code import RunCode
from flowkit.cli.group import app_context
from flowkit.cli.reading_session import metadata_option

__all__ = ["diff_runs"]


@click.command(
    name="diff-runs",
    short_help="Compare the code of two runs.",
    help="Show how the code of one run, Flow/run, differs from that of another.",
)
@click.argument("source", metavar="SOURCE_RUN")
@click.argument("target", metavar="TARGET_RUN")
@metadata_option
@click.pass_context
def diff_runs(ctx: click.Context, source: str, target: str, metadata: str | None) -> None:
    """Write to stdout what would turn the first run's files into the second's."""
    context = app_context(ctx)
    old, new = (RunCode.find(context, run, metadata) for run in (source, target))
    if not write_differences(context.console, old.archive.files(), new.archive.files()):
        context.console.message(f"{old.pathspec} and {new.pathspec} ran the same code")
