"""``flowkit plugins``: a group; each of its commands is a file beside this one."""

from __future__ import annotations

import click

from flowkit.cli.commands.plugins.list_plugins import list_plugins
from flowkit.cli.commands.plugins.new_plugin import new_plugin
from flowkit.cli.commands.plugins.trace import trace
from flowkit.cli.commands.plugins.why import why

__all__ = ["plugins"]


@click.group()
def plugins() -> None:
    """Show the plugins that are installed, what they offer and what is asked of them; begin one."""


for _command in (list_plugins, why, trace, new_plugin):
    plugins.add_command(_command)
