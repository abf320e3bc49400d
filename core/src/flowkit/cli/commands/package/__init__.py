"""``package``: a group; each of its commands is a file beside this one."""

from __future__ import annotations

from flowkit.cli.command_group import CommandGroup
from flowkit.cli.commands.package.info import info
from flowkit.cli.commands.package.list_files import list_files
from flowkit.cli.commands.package.save import save

__all__ = ["package"]

package = CommandGroup("package", "Show and save the code that a run of the flow stores.", [info, list_files, save])
