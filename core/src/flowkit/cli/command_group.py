"""Commands that belong together: ``tag add``, ``tag list``…"""

from __future__ import annotations

from collections.abc import Iterable

import click

from flowkit.cli.group import app_context

__all__ = ["CommandGroup"]


class CommandGroup(click.Group):
    """A group that shows its help where none of its commands is given.

    Parameters
    ----------
    name, help
        As of any command.
    commands
        Each knows its own name.
    """

    def __init__(self, name: str, help: str, commands: Iterable[click.Command]) -> None:  # noqa: A002 - click's name
        super().__init__(
            name,
            help=help,
            commands=list(commands),
            callback=_show_help,
            invoke_without_command=True,
            no_args_is_help=False,
        )


@click.pass_context
def _show_help(ctx: click.Context, /) -> None:
    if ctx.invoked_subcommand is None:
        app_context(ctx).console.result(ctx.get_help())
