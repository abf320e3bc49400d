"""``logs``: a group; each of its commands is a file beside this one. A path alone is shown."""

from __future__ import annotations

import click

from flowkit.cli.command_group import CommandGroup
from flowkit.cli.commands.logs.scrub import scrub
from flowkit.cli.commands.logs.show import show

__all__ = ["logs"]


class _LogsGroup(CommandGroup):
    """Takes ``logs RUN/STEP`` as ``logs show RUN/STEP``, with the options of that."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``show`` before what isn't a command or the help."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["show", *args]
        return super().parse_args(ctx, args)


logs = _LogsGroup(
    "logs", "Show what tasks wrote, or put a mark in its place. 'logs RUN/STEP' is 'logs show RUN/STEP'.", [show, scrub]
)
