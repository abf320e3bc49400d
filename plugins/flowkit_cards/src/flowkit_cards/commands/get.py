"""``card get``."""

from __future__ import annotations

from pathlib import Path

from flowkit.plugin import AppContext
from flowkit_cards.commands.finding import one_card
from flowkit_cards.commands.options import Selection
from flowkit_cards.errors import CardsError

__all__ = ["get_card"]


def get_card(context: AppContext, flow: str, path: str, target: str | None, selection: Selection) -> None:
    """Write the card's HTML to stdout or to a file."""
    html = one_card(flow, path, selection).get()
    if target is None:
        context.console.result_bytes(html.encode())
        return
    try:
        Path(target).write_text(html, encoding="utf-8")
    except OSError as error:
        raise CardsError(f"{target} can't be written: {error.strerror}") from None
    context.console.message(f"The card is in {target}")
