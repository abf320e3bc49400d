"""Options that the commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs
import click

__all__ = ["Selection", "selecting"]

Command = TypeVar("Command", bound=Callable[..., Any])


@attrs.frozen
class Selection:
    """Which cards are meant."""

    type: str | None = None
    id: str | None = None
    hash: str | None = None
    follow_resumed: bool = True

    def __str__(self) -> str:
        chosen = {"type": self.type, "id": self.id, "hash": self.hash}
        return ", ".join(f"{name} {value!r}" for name, value in chosen.items() if value is not None)


def selecting(command: Command) -> Command:
    """Options of a command that gets a ``selection``."""
    for option in reversed(
        (
            click.option("--type", metavar="TYPE", help="Only cards of this type."),
            click.option("--id", metavar="ID", help="Only the card of this id."),
            click.option("--hash", metavar="HASH", help="Only the card whose hash begins so (5 characters or more)."),
            click.option(
                "--follow-resumed/--no-follow-resumed",
                default=True,
                show_default=True,
                help="Of a task that was taken over from an earlier run, show the cards made there.",
            ),
        )
    ):
        command = option(command)
    return command
