"""``code``: a group; each of its commands is a file beside this one."""

from __future__ import annotations

from flowkit.cli.command_group import CommandGroup
from flowkit.cli.commands.code.diff import diff
from flowkit.cli.commands.code.diff_runs import diff_runs
from flowkit.cli.commands.code.patch import patch
from flowkit.cli.commands.code.pull import pull

__all__ = ["code"]

code = CommandGroup("code", "Compare and fetch the code that runs ran.", [diff, diff_runs, patch, pull])
