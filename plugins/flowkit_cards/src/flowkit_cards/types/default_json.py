"""The card type ``default_json``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from flowkit_cards.types.base import Card
from flowkit_cards.types.default import DefaultCard

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["DefaultCardJSON"]


class DefaultCardJSON(Card):
    """What the default card shows, as JSON: ``{"metadata": ..., "components": [form, ...]}``."""

    type: ClassVar[str | None] = "default_json"

    def render(self, task: Task) -> str:
        """The document."""
        inner = DefaultCard(self.options, self.components, self.graph, self.flow)
        document = {
            "metadata": {"pathspec": task.pathspec, "version": 1, "created_on": task.created_at.isoformat()},
            "components": [*self.components, *inner.sections(task, is_final=True)],
        }
        return json.dumps(document, allow_nan=False)
