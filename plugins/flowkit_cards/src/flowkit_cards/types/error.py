"""The card type ``error``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from flowkit_cards.page.assemble import PageContent, make_page
from flowkit_cards.types.base import Card

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["ErrorCard"]


class ErrorCard(Card):
    """Says why another card couldn't be made."""

    type: ClassVar[str | None] = "error"
    RELOAD_POLICY: ClassVar[str] = Card.RELOAD_POLICY_ONCHANGE

    def render(self, task: Task, stack_trace: str | None = None) -> str:
        """The page.

        Parameters
        ----------
        stack_trace
            What went wrong.
        """
        return error_page(task.pathspec, stack_trace or "No error was given.")


def error_page(pathspec: str, text: str) -> str:
    """A page that shows an error in place of a card."""
    said = {"type": "error", "title": "The card of this task couldn't be made; the task itself is done.", "text": text}
    return make_page(
        PageContent(
            title="Card error",
            overline=" / ".join(pathspec.split("/")),
            sections=[said],
            reload_token=Card.RELOAD_POLICY_TOKEN,
        )
    )
