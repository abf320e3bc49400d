"""``tag remove``: take tags from a run."""

from __future__ import annotations

import click

from flowkit.cli.commands.tag.changing import change_tags, run_options

__all__ = ["remove"]


@click.command(help="Remove tags from a run. One that it doesn't have is passed over; system tags can't be removed.")
@run_options
@click.argument("tags", metavar="TAGS...", required=True, nargs=-1)
@click.pass_context
def remove(ctx: click.Context, run_id: str | None, namespace: str | None, tags: tuple[str, ...]) -> None:
    """Remove tags, all of them or none."""
    change_tags(ctx, run_id, namespace, remove=tags)
