"""``flowkit plugins``: a group; each of its commands is a file beside this one."""

from __future__ import annotations

import click

from flowkit.cli.commands.plugins.list_plugins import list_plugins

__all__ = ["plugins"]


@click.group()
def plugins() -> None:
    """Show the plugins that are installed, and what they offer."""


plugins.add_command(list_plugins)
