"""``package list``: which files a run stores."""

from __future__ import annotations

import click

from flowkit.cli.commands.package.flow_code import flow_code
from flowkit.cli.flow_group import flow_context
from flowkit.packaging.selection import select

__all__ = ["list_files"]


@click.command(name="list", help="List the files that are the flow's code.")
@click.option(
    "--archive/--no-archive", default=False, help="Show their names in the archive in place of those on this machine."
)
@click.pass_context
def list_files(ctx: click.Context, archive: bool) -> None:
    """Write a name a line to stdout."""
    context = flow_context(ctx)
    selection = select(flow_code(context), context.settings.code_max_entries)
    context.console.message("Files of the flow's code (--package-suffixes adds kinds of files):")
    for name in sorted(selection.paths):
        context.console.result(name if archive else selection.paths[name])
