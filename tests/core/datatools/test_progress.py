"""A bar in a terminal, for transfers that take a while; nothing anywhere else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from flowkit.datatools.progress import Meter
from support.terminal import Terminal

PROGRAM = """
import sys, time
from flowkit.datatools.progress import Meter

quiet, pause, objects = sys.argv[1] == "quiet", float(sys.argv[2]), int(sys.argv[3]) or None
with Meter("get", objects, quiet=quiet) as meter:
    for number in range(objects or 4):
        meter.expect(2_000_000)
        meter.advance(1_000_000)
        time.sleep(pause)
        meter.advance(1_000_000)
        meter.finish_one()
print("done")
"""


def shown(tmp_path: Path, *arguments: str) -> str:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with Terminal([sys.executable, str(program), *arguments], cwd=tmp_path, env=dict(os.environ)) as terminal:
        assert terminal.wait() == 0
        return terminal.output


@pytest.mark.parametrize(
    ("objects", "expected"), [("4", ["4 of 4", "8.0 MB", "MB/s"]), ("1", ["1 of 1", "2.0 MB"]), ("0", ["4", "8.0 MB"])]
)
def test_a_slow_transfer_has_a_bar(tmp_path: Path, objects: str, expected: list[str]) -> None:
    output = shown(tmp_path, "loud", "0.7" if objects == "1" else "0.25", objects)
    assert "get" in output
    for text in expected:
        assert text in output


@pytest.mark.parametrize("arguments", [("loud", "0", "4"), ("quiet", "0.3", "4")])
def test_a_fast_or_quiet_one_has_none(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    assert shown(tmp_path, *arguments).strip() == "done"


def test_no_bar_outside_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowkit.datatools.progress._SHOW_AFTER", 0)
    with Meter("get", 2) as meter:
        meter.advance(5)
        meter.finish_one()
    assert capsys.readouterr() == ("", "")
