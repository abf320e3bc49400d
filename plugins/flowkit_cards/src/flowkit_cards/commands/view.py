"""``card view``."""

from __future__ import annotations

from typing import Any

import click

from flowkit.plugin import AppContext
from flowkit_cards.commands.finding import one_card
from flowkit_cards.commands.options import Selection

__all__ = ["view_card"]


def view_card(context: AppContext, flow: str, path: str, selection: Selection) -> None:
    """Open the card in a browser."""
    card = one_card(flow, path, selection)
    file = card.view()
    context.console.message(f"{card.task.pathspec}: the card is in {file}, which your browser should show now")
    if card.is_live:
        context.console.message("The task still runs; 'card server' shows a card as it changes.")


def selection_of(given: dict[str, Any]) -> Selection:
    """From click's values."""
    return Selection(given["type"], given["id"], given["hash"], given["follow_resumed"])


PATH_HELP = "the newest run's STEP, RUN/STEP or RUN/STEP/TASK"
path_argument = click.argument("path", metavar="PATH")
