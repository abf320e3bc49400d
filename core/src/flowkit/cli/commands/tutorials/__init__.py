"""``flowkit tutorials``: a group; each of its commands is a file beside this one."""

from __future__ import annotations

from flowkit.cli.command_group import CommandGroup
from flowkit.cli.commands.tutorials.info import info
from flowkit.cli.commands.tutorials.list_tutorials import list_tutorials
from flowkit.cli.commands.tutorials.pull import pull

__all__ = ["tutorials"]

tutorials = CommandGroup("tutorials", "Learn FlowKit by flows that run.", [list_tutorials, pull, info])
