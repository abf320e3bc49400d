"""The card type ``html``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from flowkit_cards.types.base import Card

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["HTMLCard"]


class HTMLCard(Card):
    """A page that the step makes: text in HTML, taken as it is.

    It is the artifact ``html``, or the one that ``options={"attribute": NAME}`` names. The page's own scripts run in
    it; the viewer shows it in a sandboxed frame, but a file that is opened by itself has no such frame.
    """

    type: ClassVar[str | None] = "html"

    def render(self, task: Task) -> str:
        """The artifact."""
        name = str(self.options.get("attribute", "html"))
        if name not in task:
            raise ValueError(
                f"a card of type 'html' shows the artifact {name!r}, and the step has set no such artifact"
            )
        value: Any = task[name].data
        if not isinstance(value, str):
            raise TypeError(f"the artifact {name!r} is a {type(value).__name__}; a card of type 'html' shows text")
        return value
