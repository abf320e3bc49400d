"""Mistakes with what plugins add: on each line that is marked, and on no other."""

# ruff: noqa: F401, I001
from __future__ import annotations

from flowkit import FlowSpec, announce, card, current, step
from flowkit import announcer  # error
from flowkit.cards import Markdwon  # error


class WrongPluginFlow(FlowSpec):
    @card(kind="blank")  # error
    @step
    def start(self) -> None:
        current.card.apend(1)  # error
        current.station.leave(3)  # error
        self.next(self.end)

    @announce(greeting=3)  # error
    @step
    def end(self) -> None: ...
