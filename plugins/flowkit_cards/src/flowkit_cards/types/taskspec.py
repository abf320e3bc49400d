"""The card type ``taskspec_card``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from flowkit_cards.types.base import Card

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["TaskspecCard"]


class TaskspecCard(Card):
    """The task's pathspec and nothing else."""

    type: ClassVar[str | None] = "taskspec_card"

    def render(self, task: Task) -> str:
        """The pathspec."""
        return task.pathspec
