"""``flowkit code diff``: a folder and a run."""

from __future__ import annotations

from pathlib import Path

import click

from flowkit.cli.commands.code.output import folder_option, note_only_here, write_differences
from flowkit.cli.commands.code.run_code import RunCode
from flowkit.cli.group import app_context
from flowkit.cli.reading_session import metadata_option

__all__ = ["diff"]


@click.command(
    name="diff",
    short_help="Compare the files here with a run.",
    help="Show how the files here differ from those that the run Flow/run ran.",
)
@click.argument("run", metavar="RUN")
@folder_option
@metadata_option
@click.pass_context
def diff(ctx: click.Context, run: str, folder: str, metadata: str | None) -> None:
    """Write to stdout what would turn the files of a folder into those of the run."""
    context = app_context(ctx)
    code = RunCode.find(context, run, metadata)
    here = Path(folder)
    if not write_differences(context.console, code.counterparts(here), code.compared(here)):
        context.console.message(f"the files of {code.pathspec} are the same in {here.resolve()}")
    note_only_here(context.console, code, here)
