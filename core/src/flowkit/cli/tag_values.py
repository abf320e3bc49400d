"""Values of ``--tag``."""

from __future__ import annotations

import click

from flowkit.errors import TagError
from flowkit.model.tag import user_tags_of

__all__ = ["check_tags"]


def check_tags(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """The tags, each once. Raises click.BadParameter if one can't be a tag."""
    try:
        return user_tags_of(value, ())
    except TagError as error:
        raise click.BadParameter(error.message, ctx, param) from None
