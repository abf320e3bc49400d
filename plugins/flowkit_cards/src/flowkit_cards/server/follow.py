"""What changes in a run, as events for the viewer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flowkit_cards.live.page import update_of
from flowkit_cards.server.catalog import ListedCard, RunCards

if TYPE_CHECKING:
    from flowkit_cards.server.app import CardServer

__all__ = ["follow"]

#: A sign of life this often, so that a viewer that has gone is noticed.
_QUIET_SECONDS = 10.0
#: Looking at a run takes at most this part of the time.
_COST_FACTOR = 5


def follow(app: CardServer, cards: RunCards, flow: str, run_id: str) -> Iterator[tuple[str, Any]]:
    """Names and data of events, from now on; an empty name is a sign of life.

    ``cards``: the list, whenever it changes. ``data``: what an open page of a live card is told. ``run``: its state.
    """
    seen: dict[str, float] = {}
    listed: list[tuple[str, str | None]] = []
    state, spoke_at = "", time.monotonic()
    while not app.stopped.is_set():
        events: list[tuple[str, Any]] = []
        with app.lock:
            found = cards.cards()
            if (now := [(card.place, card.stored.html) for card in found]) != listed or not state:
                links = [app.card_link(flow, run_id, card.place) for card in found]
                events.append(("cards", [card.describe(link) for card, link in zip(found, links, strict=True)]))
                listed = now
            events += list(_changes(cards, found, seen))
            present = "running" if not cards.run.finished else "done" if cards.run.successful else "failed"
        if present != state:
            state = present
            events.append(("run", {"state": state}))
        yield from events
        if events:
            spoke_at = time.monotonic()
        elif time.monotonic() - spoke_at > _QUIET_SECONDS:
            spoke_at = time.monotonic()
            yield "", None
        app.stopped.wait(max(app.poll_interval, cards.cost * _COST_FACTOR))


def _changes(cards: RunCards, found: Any, seen: dict[str, float]) -> Iterator[tuple[str, Any]]:
    """Data of live cards that is newer than what was sent."""
    card: ListedCard
    for card in found:
        before = seen.get(card.place)
        seen[card.place] = card.changed_at
        if card.stored.html is None and before is not None and card.changed_at > before:
            document = cards.data(card)
            if document is not None:
                yield "data", {"place": card.place, "update": update_of(document)}
