"""``tutorials info``: the page of one tutorial."""

from __future__ import annotations

import click

from flowkit.cli.commands.tutorials.catalog import select, tutorial_choice
from flowkit.cli.group import app_context

__all__ = ["info"]


@click.command(help="Show the page of a tutorial.")
@tutorial_choice(required=True)
@click.pass_context
def info(ctx: click.Context, episode: str) -> None:
    """Write the page to stdout, as it is."""
    (tutorial,) = select(episode)
    app_context(ctx).console.result(tutorial.page.rstrip("\n"))
