"""Lines about a run."""

from __future__ import annotations

import re

import pytest

from flowkit.cli.progress_lines import clean_line, ended_text, reason, timestamp
from flowkit.model.artifact import FailureSummary
from flowkit.model.task import RunSpec, StoreRef, TaskOutcome, TaskSpec
from support.project import Project

STORE = StoreRef("local", "x")
SPEC = TaskSpec(RunSpec("F", "f.py", "1", STORE, STORE, "u"), "train", "7")


@pytest.mark.parametrize(
    ("line", "plain", "terminal"),
    [
        (b"text\n", b"text", b"text"),
        (b"text\r\n", b"text", b"text"),
        (b"no end", b"no end", b"no end"),
        (b"\r 10%\r 99%\n", b" 99%", b" 99%"),
        (b"\x1b[31mred\x1b[0m\n", b"\x1b[31mred\x1b[0m", b"\x1b[31mred\x1b[0m\x1b[0m"),
        (b"\x1b[2J\x1b[1;1Hx\x1b[?25ly\n", b"\x1b[2J\x1b[1;1Hx\x1b[?25ly", b"xy\x1b[0m"),
        (b"\xff\n", b"\xff", b"\xff"),
    ],
)
def test_a_tasks_line(line: bytes, plain: bytes, terminal: bytes) -> None:
    assert clean_line(line, for_terminal=False) == plain
    assert clean_line(line, for_terminal=True) == terminal


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (TaskOutcome("failed", failure=FailureSummary("ValueError", "bad\nand more")), "ValueError: bad"),
        (TaskOutcome("failed", failure=FailureSummary("KeyError", "")), "KeyError"),
        (TaskOutcome("failed", failure=FailureSummary("flowkit.errors.TaskFailed", "it crashed")), "it crashed"),
        (TaskOutcome("crashed", exit_code=-11), "crashed by signal 11"),
        (TaskOutcome("crashed", exit_code=3), "crashed with exit status 3"),
        (TaskOutcome("timed_out"), "timed out"),
    ],
)
def test_the_reason_is_one_line(outcome: TaskOutcome, text: str) -> None:
    assert reason(outcome) == text


@pytest.mark.parametrize(
    ("outcome", "will_retry", "text"),
    [
        (TaskOutcome("succeeded", started_at=1.0, finished_at=2.5), False, "finished in 1.5 s"),
        (TaskOutcome("succeeded", caught=True), False, "finished, its exception handled"),
        (TaskOutcome("cancelled"), False, "ended, as the run is ending"),
        (TaskOutcome("timed_out"), True, "failed (attempt 0): timed out; it is tried again"),
        (TaskOutcome("timed_out"), False, "failed: timed out"),
    ],
)
def test_how_an_attempt_ended(outcome: TaskOutcome, will_retry: bool, text: str) -> None:
    assert ended_text(SPEC, outcome, will_retry) == text


def test_a_time_has_milliseconds() -> None:
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.123", timestamp(1_700_000_000.1239))


def test_a_reader_who_goes_away_doesnt_end_the_writer(project: Project) -> None:
    project.write(
        "p.py",
        """
        import os, sys
        from flowkit.cli.progress_lines import LineWriter
        read, write = os.pipe()
        os.dup2(write, 1)
        os.close(read)
        writer = LineWriter()
        for _ in range(3):
            writer.result("lost\\n")
        writer.message("kept\\n")
        print("lost")
        """,
    )
    done = project.python("p.py", check=True)
    assert done.stderr == "kept\n"
