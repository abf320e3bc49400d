"""``tag``: a group; each of its commands is a file beside this one."""

from __future__ import annotations

from flowkit.cli.command_group import CommandGroup
from flowkit.cli.commands.tag.add import add
from flowkit.cli.commands.tag.list_tags import list_tags
from flowkit.cli.commands.tag.remove import remove
from flowkit.cli.commands.tag.replace import replace

__all__ = ["tag"]

tag = CommandGroup("tag", "Show and change the tags of the flow's runs.", [add, list_tags, remove, replace])
