"""``help``: what the flow's commands are, or what one of them takes."""

from __future__ import annotations

import click

from flowkit.cli.group import RegistryGroup, app_context

__all__ = ["help_command"]


@click.command(name="help", help="Show the commands and options, or those of one command.")
@click.argument("command", required=False)
@click.pass_context
def help_command(ctx: click.Context, command: str | None) -> None:
    """Write the help text to stdout."""
    top = ctx.find_root()
    console = app_context(ctx).console
    if command is None:
        console.result(top.get_help())
        return
    if isinstance(top.command, RegistryGroup):
        found = top.command.find(top, command)
        with found.context_class(found, info_name=command, parent=top) as inner:
            console.result(found.get_help(inner))
