"""The card type ``blank``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from flowkit_cards.types.built_in import ComponentsCard

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["BlankCard"]


class BlankCard(ComponentsCard):
    """What the step puts into it, and nothing else. ``options={"title": ...}`` gives it a title."""

    type: ClassVar[str | None] = "blank"

    def title(self, task: Task) -> str:
        """The option's title, or the step's name."""
        return str(self.options.get("title") or "") or super().title(task)
