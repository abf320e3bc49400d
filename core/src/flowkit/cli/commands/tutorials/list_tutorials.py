"""``tutorials list``: what there is to learn."""

from __future__ import annotations

import click

from flowkit.cli.commands.tutorials.catalog import find_tutorials
from flowkit.cli.group import app_context

__all__ = ["list_tutorials"]


@click.command("list", help="Show the tutorials.")
@click.pass_context
def list_tutorials(ctx: click.Context) -> None:
    """Write a paragraph for each tutorial to stdout."""
    console = app_context(ctx).console
    for tutorial in find_tutorials():
        console.result(f"{tutorial.name}: {tutorial.title}\n    {tutorial.summary}\n")
    console.message("Copy them into a folder of yours: flowkit tutorials pull")
