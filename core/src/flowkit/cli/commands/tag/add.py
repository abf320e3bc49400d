"""``tag add``: give a run tags."""

from __future__ import annotations

import click

from flowkit.cli.commands.tag.changing import change_tags, run_options

__all__ = ["add"]


@click.command(help="Add tags to a run. One that it has already stays as it is.")
@run_options
@click.argument("tags", metavar="TAGS...", required=True, nargs=-1)
@click.pass_context
def add(ctx: click.Context, run_id: str | None, namespace: str | None, tags: tuple[str, ...]) -> None:
    """Add tags, all of them or none."""
    change_tags(ctx, run_id, namespace, add=tags)
