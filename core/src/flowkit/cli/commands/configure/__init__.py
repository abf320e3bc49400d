"""``flowkit configure``: a group; each of its commands is a file beside this one."""

from __future__ import annotations

from flowkit.cli.command_group import CommandGroup
from flowkit.cli.commands.configure.export_file import export_file
from flowkit.cli.commands.configure.import_file import import_file
from flowkit.cli.commands.configure.reset import reset
from flowkit.cli.commands.configure.show import show

__all__ = ["configure"]

configure = CommandGroup(
    "configure", "Show and change the configuration files.", [show, export_file, import_file, reset]
)
