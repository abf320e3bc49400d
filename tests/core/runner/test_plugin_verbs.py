"""Verbs that plugins bring to Runner."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit import Runner

PLUGIN = """
from flowkit.plugin import Provider, hookimpl

def twice(runner, *, alpha):
    return [runner.run(alpha=alpha).run.data.alpha for _ in range(2)]

@hookimpl
def flowkit_runner_verbs():
    yield Provider("twice", lambda: twice)
"""


def test_a_verb_gets_the_runner_first(flow: Path) -> None:
    (flow.parent / "flowkit_plugins.py").write_text(PLUGIN)
    with Runner(flow, show_output=False) as runner:
        assert "twice" in dir(runner)
        assert runner.twice(alpha=6) == [6, 6]


def test_a_verb_that_nobody_has(flow: Path) -> None:
    with Runner(flow) as runner, pytest.raises(AttributeError, match="no verb 'thrice'; it has run, resume"):
        _ = runner.thrice
