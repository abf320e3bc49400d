"""The progress of a run in plain lines, where events come in an order of the backend's own."""

from __future__ import annotations

import attrs
import pytest

from flowkit.cli.progress_plain import PlainProgress
from flowkit.model.graph import Graph, Node
from flowkit.model.record import RunRecord
from flowkit.model.task import RunSpec, StoreRef, TaskOutcome, TaskSpec

STORE = StoreRef("local", "x")
SPEC = TaskSpec(RunSpec("F", "f.py", "1", STORE, STORE, "u"), "a", "7")
GRAPH = Graph("F", "f.py", {"a": Node("a", "start", "f.py", 1)}, "a", "a")
RUN = RunRecord("F", "1", "u", 0.0)


@pytest.fixture
def progress() -> PlainProgress:
    made = PlainProgress()
    made.run_started(RUN, GRAPH)
    return made


def without_times(text: str) -> list[str]:
    return [line[24:] for line in text.splitlines()]


def test_output_before_the_news_of_the_start_waits_for_it(
    progress: PlainProgress, capfd: pytest.CaptureFixture[str]
) -> None:
    progress.task_output(SPEC, "stdout", 1.0, b"early\n")
    assert capfd.readouterr().out == ""
    progress.task_started(SPEC, {"pid": "12"})
    progress.task_output(SPEC, "stdout", 1.0, b"late\n")
    assert without_times(capfd.readouterr().out) == ["[1/a/7 (pid 12)] early", "[1/a/7 (pid 12)] late"]


def test_output_of_a_task_that_never_started_is_shown(
    progress: PlainProgress, capfd: pytest.CaptureFixture[str]
) -> None:
    progress.task_output(SPEC, "stderr", 1.0, b"can't start")
    progress.task_ended(SPEC, TaskOutcome("crashed", exit_code=1), False)
    out, err = capfd.readouterr()
    assert without_times(out) == ["[1/a/7] can't start"]
    assert without_times(err)[-1] == "[1/a/7] failed: crashed with exit status 1"


def test_attempts_after_the_first_have_a_number(progress: PlainProgress, capfd: pytest.CaptureFixture[str]) -> None:
    progress.task_started(SPEC, {"pid": "12"})
    progress.task_ended(SPEC, TaskOutcome("timed_out"), True)
    again = attrs.evolve(SPEC, attempt=1)
    progress.task_started(again, {"job-id": "j-1", "other": "x"})
    progress.task_ended(again, TaskOutcome("succeeded"), False)
    assert without_times(capfd.readouterr().err) == [
        "[1/a/7 (pid 12)] started",
        "[1/a/7 (pid 12)] failed (attempt 0): timed out; it is tried again",
        "[1/a/7 (job-id j-1)] started (attempt 1)",
        "[1/a/7 (job-id j-1)] finished",
    ]


def test_tasks_taken_over_are_counted_by_step(capfd: pytest.CaptureFixture[str]) -> None:
    progress = PlainProgress()
    progress.run_started(attrs.evolve(RUN, origin_run_id="0"), GRAPH)
    for _ in range(3):
        progress.task_cloned("a", 1)
    progress.task_cloned("b", 1)
    progress.message("a message")
    progress.run_finished(RUN, "")
    progress.close()
    assert without_times(capfd.readouterr().err) == [
        "Run F/1 started, resuming 0",
        "a message",
        "a: 3 tasks taken from run 0",
        "b: 1 task taken from run 0",
    ]
