"""The hook that this plugin opens, for card types of other plugins."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flowkit.plugin import hookspec

if TYPE_CHECKING:
    from flowkit.plugin import Provider
    from flowkit_cards.types.base import Card


@hookspec
def flowkit_card_types() -> Iterable[Provider[type[Card]]]:
    """Types of cards, by the name given to ``@card(type=...)``: subclasses of :class:`flowkit.cards.Card`.

    Asked in a task's process when a step has a card, and by what shows cards. All results are collected; a name that
    two plugins claim is an error naming both.
    """
    return ()
