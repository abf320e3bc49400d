"""What plugins add, as `flowkit stubs` tells of it. Type checkers must find nothing wrong with it."""

# ruff: noqa: I001
from __future__ import annotations

from typing import assert_type

from flowkit import FlowSpec, announce, card, current, owner, step
from flowkit.cards import Markdown, Table, get_cards
from flowkit.cards import Markdown as Another
from flowkit_acme.station import Station


@owner(who="me")
class PluginFlow(FlowSpec):
    @card
    @announce
    @step
    def start(self) -> None:
        current.card.append(Markdown("# hello"))
        current.card.append(Table([["a", 1]]))
        assert_type(current.station, Station)
        self.next(self.end)

    @card(type="blank", id="second", timeout=10)
    @announce(greeting="hello", volume=1.5)
    @step
    def end(self) -> None:
        print(get_cards("a/b/c/d"), Another)
