"""What ``@card`` asked for, and where its card goes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from flowkit_cards.layout import CardName
from flowkit_cards.types.base import Card

if TYPE_CHECKING:
    from flowkit_cards.store import CardStore

__all__ = ["CardPlan", "live_document"]

CardClass = type[Card]


@attrs.frozen
class CardPlan:
    """One card of one attempt."""

    index: int
    type: str
    id: str | None
    options: Mapping[str, Any]
    customize: bool
    #: Seconds between two refreshes, at least.
    refresh_interval: float
    #: The type's class; None if it can't be had, which the card then says.
    card_class: CardClass | None
    #: Where the cards of the attempt are.
    store: CardStore

    @property
    def is_editable(self) -> bool:
        """Whether the step may put components into it."""
        return self.card_class is not None and self.card_class.ALLOW_USER_COMPONENTS

    @property
    def is_live(self) -> bool:
        """Whether it can be shown while the task runs."""
        return self.card_class is not None and self.card_class.RUNTIME_UPDATABLE

    @property
    def name(self) -> CardName:
        """What its objects are called."""
        return CardName(self.index, self.type, self.id)

    def write_data(self, state: Mapping[str, Any]) -> None:
        """Store the state of a live card."""
        self.store.write_data(self.name, live_document(self.make(()), self.options, state))

    def make(self, components: Any, **more: Any) -> Card:
        """The card's type, built."""
        if self.card_class is None:
            raise LookupError(f"no card type {self.type!r}")
        return self.card_class(options=dict(self.options), components=components, **more)


def live_document(card: Card, options: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of a live card: its state, what its page is told, and when the page must be loaded anew."""
    try:
        told = card.refresh(None, state)
    except NotImplementedError:
        told = None
    return {
        "version": 1,
        "created_on": time.time(),
        "reload_token": reload_token(card, state),
        "options": dict(options),
        "data": told,
        **({} if told is state["components"] else {"components": state["components"]}),
        **{name: state[name] for name in ("user", "render_seq", "component_update_ts", "mode")},
    }


def reload_token(card: Card, state: Mapping[str, Any]) -> str:
    """A viewer loads the page anew when this changes."""
    if state.get("render_seq") == "final":
        return "final"
    if card.RELOAD_POLICY == card.RELOAD_POLICY_ALWAYS:
        return f"render-seq-{state.get('render_seq')}"
    if card.RELOAD_POLICY == card.RELOAD_POLICY_ONCHANGE:
        return str(card.reload_content_token(None, state))
    return "never"
