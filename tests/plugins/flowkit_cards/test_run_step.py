"""A step with cards, run by ``run_step``: nothing is rendered, and the step's code works as it is."""

# ruff: noqa: ANN201 - flows as users write them
from __future__ import annotations

from pathlib import Path

import pytest

from flowkit import FlowSpec, current, step
from flowkit.testing import run_step
from flowkit_cards import card
from flowkit_cards.public import Markdown, ProgressBar


class Reporting(FlowSpec):
    @card(id="first")
    @card(type="blank", id="second")
    @step
    def only(self):
        current.card["first"].append(Markdown("# hello"))
        bar = ProgressBar(max=2)
        current.card["second"].append(bar)
        bar.update(1)
        current.card["second"].refresh()
        self.x = 1


def test_a_step_with_cards(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run_step(Reporting.only)["x"] == 1
    assert capfd.readouterr().err == ""
    assert not (tmp_path / ".flowkit").exists()


def test_a_step_whose_cards_are_left_out(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AttributeError, match="current has no 'card'"):
        run_step(Reporting.only, decorators=False)
