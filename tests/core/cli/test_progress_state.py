"""Counts of a run's progress."""

from __future__ import annotations

import pytest

from flowkit.cli.progress_state import RunProgress
from flowkit.model.task import TaskOutcome

OK = TaskOutcome("succeeded")
BAD = TaskOutcome("failed")


def test_a_step_that_succeeds() -> None:
    run = RunProgress(["start", "end"])
    run.queued("start", 1)
    run.started("start", 10.0)
    start = run.steps["start"]
    assert (start.known, start.running, start.done, start.elapsed(12.0)) == (1, 1, 0, 2.0)
    run.ended("start", OK, False, 13.0)
    assert (start.running, start.done, start.elapsed(99.0)) == (0, 1, 3.0)
    assert run.steps["end"].elapsed(99.0) is None
    assert (run.tasks_done, run.tasks_known) == (1, 1)


def test_a_retry_is_not_a_failure_and_the_task_is_known_once() -> None:
    run = RunProgress(["a"])
    run.queued("a", 1)
    run.started("a", 1.0)
    run.ended("a", BAD, True, 2.0)
    step = run.steps["a"]
    assert (step.retried, step.failed, step.running, step.done) == (1, 0, 0, 0)
    run.started("a", 3.0)
    run.ended("a", BAD, False, 5.0)
    assert (step.retried, step.failed, step.known, step.elapsed(9.0)) == (1, 1, 1, 4.0)


def test_a_cancelled_task_is_neither_done_nor_failed() -> None:
    run = RunProgress(["a"])
    run.queued("a", 1)
    run.started("a", 1.0)
    run.ended("a", TaskOutcome("cancelled"), False, 2.0)
    assert (run.steps["a"].done, run.steps["a"].failed, run.steps["a"].running) == (0, 0, 0)


def test_tasks_taken_over_are_done() -> None:
    run = RunProgress(["a"])
    run.queued("a", 3)
    run.cloned("a", 2)
    assert (run.tasks_done, run.tasks_known, run.steps["a"].cloned) == (2, 3, 2)


@pytest.mark.parametrize("limit", [1, 3, 5])
def test_the_steps_shown_are_around_where_the_run_is_and_in_order(limit: int) -> None:
    run = RunProgress([f"s{n}" for n in range(20)])
    for number in range(10):
        run.queued(f"s{number}", 1)
    shown = [step.name for step in run.visible(limit)]
    assert len(shown) == limit
    assert "s9" in shown
    assert shown == sorted(shown, key=lambda name: int(name[1:]))


def test_what_runs_or_failed_is_shown_first() -> None:
    run = RunProgress([f"s{n}" for n in range(20)])
    run.queued("s0", 1)
    run.started("s0", 0.0)
    run.queued("s15", 1)
    assert "s0" in [step.name for step in run.visible(3)]


def test_all_steps_are_shown_where_there_is_room() -> None:
    assert len(RunProgress(["a", "b"]).visible(2)) == 2
