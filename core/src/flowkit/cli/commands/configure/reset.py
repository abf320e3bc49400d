"""``configure reset``: no settings in a configuration file."""

from __future__ import annotations

import sys

import click

from flowkit.cli.commands.configure.target import target_file, target_options
from flowkit.cli.config_file import remove_file
from flowkit.cli.console import is_terminal
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption

__all__ = ["reset"]


@click.command(help="Remove a configuration file, so that the defaults are in force. Asks first.")
@target_options
@click.option("--yes", cls=FlowkitOption, is_flag=True, help="Don't ask.")
@click.pass_context
def reset(ctx: click.Context, profile: str | None, project: bool, yes: bool) -> None:
    """Remove the file, if the user agrees."""
    console = app_context(ctx).console
    path = target_file(ctx, profile, project=project)
    if not path.exists():
        console.message(f"{path} does not exist: nothing to reset")
        return
    if not yes:
        if not is_terminal(sys.stdin):
            raise click.UsageError(f"give --yes to remove {path}: there is no terminal to ask on", ctx)
        if not click.confirm(f"Remove {path}?", err=True):
            console.message("Nothing was removed")
            ctx.exit(1)
    remove_file(path)
    console.message(f"{path} was removed")
