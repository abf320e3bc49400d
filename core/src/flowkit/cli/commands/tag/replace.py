"""``tag replace``: take tags from a run and give it others, at once."""

from __future__ import annotations

import click

from flowkit.cli.commands.tag.changing import change_tags, run_options
from flowkit.cli.options import FlowkitOption

__all__ = ["replace"]


@click.command(help="Remove tags from a run and add others, at once.")
@run_options
@click.option("--add", cls=FlowkitOption, multiple=True, metavar="TAG", help="A tag to add (repeatable).")
@click.option("--remove", cls=FlowkitOption, multiple=True, metavar="TAG", help="A tag to remove (repeatable).")
@click.pass_context
def replace(
    ctx: click.Context, run_id: str | None, namespace: str | None, add: tuple[str, ...], remove: tuple[str, ...]
) -> None:
    """Replace tags; removals come first."""
    if not (add and remove):
        raise click.UsageError(
            "give --add and --remove, both at least once; 'tag add' and 'tag remove' do one of them", ctx
        )
    change_tags(ctx, run_id, namespace, add=add, remove=remove)
