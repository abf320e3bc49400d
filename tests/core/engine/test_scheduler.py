"""The scheduler, on lists of instructions: no process is started."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowkit.engine.scheduler import Scheduler
from flowkit.errors import InternalError
from flowkit.interfaces.step_decorator import Attempts
from flowkit.model.artifact import Transition
from flowkit.model.event import AttemptEnded, Begin, Cancel, Finish, Instruction, Retry, Stop, Submit
from support.graphs import Block, Builder, rows, to_graph
from support.simulation import Simulation, expected


def scheduler_of(*row: Block, attempts: dict[str, Attempts] | None = None, max_workers: int = 16) -> Scheduler:
    return Scheduler(to_graph(Builder().build(list(row))), attempts, max_workers)


def submitted(instructions: list[Instruction]) -> list[str]:
    return [one.task.step for one in instructions if isinstance(one, Submit)]


def succeed(scheduler: Scheduler, task_id: str, *steps: str, **more: object) -> list[Instruction]:
    transition = Transition(steps, **more) if steps else None  # type: ignore[arg-type]
    return scheduler.handle(AttemptEnded(task_id, "succeeded", transition))


def test_a_linear_flow_runs_one_task_after_the_other() -> None:
    scheduler = scheduler_of()
    [start] = scheduler.handle(Begin())
    assert isinstance(start, Submit)
    assert (start.task.id, start.task.step, start.task.inputs) == ("1", "start", ())
    [end] = succeed(scheduler, "1", "end")
    assert isinstance(end, Submit)
    assert (end.task.id, end.task.step, end.task.inputs) == ("2", "end", ("1",))
    assert succeed(scheduler, "2") == [Finish(True)]


FOREACH = {"step": "foreach1", "body": "branch3", "join": "join2"}


def begin_foreach(width: int, **more: object) -> tuple[Scheduler, list[Instruction]]:
    scheduler = scheduler_of(Block("foreach", [[Block("step")]], width), **more)  # type: ignore[arg-type]
    scheduler.handle(Begin())
    succeed(scheduler, "1", FOREACH["step"])
    return scheduler, succeed(scheduler, "2", FOREACH["body"], foreach="items", num_splits=width)


def test_a_foreach_starts_no_more_tasks_than_workers() -> None:
    scheduler, instructions = begin_foreach(1_000_000, max_workers=3)
    assert submitted(instructions) == [FOREACH["body"]] * 3
    assert [one.task.index_path for one in instructions if isinstance(one, Submit)] == ["0", "1", "2"]
    # What one more costs doesn't depend on how many are left: nothing holds a list of them.
    [step] = succeed(scheduler, "3", "step4")
    assert isinstance(step, Submit)
    assert step.task.index_path == "3"


def test_a_join_gets_its_inputs_in_the_order_of_the_split() -> None:
    scheduler, _ = begin_foreach(3)
    for task_id in ("3", "4", "5"):
        succeed(scheduler, task_id, "step4")
    assert succeed(scheduler, "8", FOREACH["join"]) == []
    assert succeed(scheduler, "6", FOREACH["join"]) == []
    [join] = succeed(scheduler, "7", FOREACH["join"])
    assert isinstance(join, Submit)
    assert join.task.inputs == ("6", "7", "8")
    assert join.task.frame is None


def test_a_failed_attempt_is_retried_as_often_as_the_step_allows() -> None:
    scheduler = scheduler_of(attempts={"start": Attempts(retries=2)})
    scheduler.handle(Begin())
    failed = AttemptEnded("1", "failed")
    assert [one.attempt for one in scheduler.handle(failed) if isinstance(one, Retry)] == [1]
    assert [one.attempt for one in scheduler.handle(failed) if isinstance(one, Retry)] == [2]
    assert scheduler.handle(failed) == [Finish(False, ("1",))]


def test_what_can_not_help_is_not_retried_but_may_be_handled() -> None:
    scheduler = scheduler_of(attempts={"start": Attempts(retries=2, fallbacks=1)})
    scheduler.handle(Begin())
    [retry] = scheduler.handle(AttemptEnded("1", "failed", retryable=False))
    assert isinstance(retry, Retry)
    assert retry.attempt == 3, "the attempt after those of the user's code"
    assert scheduler.handle(AttemptEnded("1", "failed", retryable=False)) == [Finish(False, ("1",))]


def test_after_a_failure_nothing_starts_and_the_rest_is_ended() -> None:
    scheduler, _ = begin_foreach(10, max_workers=2)
    assert scheduler.handle(AttemptEnded("3", "failed")) == [Cancel(("4",))]
    assert scheduler.handle(AttemptEnded("4", "succeeded", Transition(("step4",)))) == [Finish(False, ("3",))]


def test_a_cancelled_task_is_not_retried_and_not_counted_as_failed() -> None:
    scheduler, _ = begin_foreach(3, attempts={FOREACH["body"]: Attempts(retries=5)})
    assert scheduler.handle(Stop("interrupted")) == [Cancel(("3", "4", "5"))]
    assert scheduler.handle(AttemptEnded("3", "cancelled")) == []
    assert scheduler.handle(AttemptEnded("4", "crashed")) == []
    assert scheduler.handle(AttemptEnded("5", "cancelled")) == [Finish(False, ("4",), "interrupted")]


def test_stopping_with_nothing_running_finishes() -> None:
    scheduler = scheduler_of()
    assert scheduler.handle(Stop("interrupted")) == [Finish(False, (), "interrupted")]


@pytest.mark.parametrize(
    "event",
    [
        AttemptEnded("9", "succeeded", Transition(("end",))),
        AttemptEnded("1", "succeeded", Transition(("nowhere",))),
        AttemptEnded("1", "succeeded", None),
        AttemptEnded("1", "succeeded", Transition(("end",), foreach="items", num_splits=0)),
    ],
)
def test_an_impossible_event_is_an_internal_error(event: AttemptEnded) -> None:
    scheduler = scheduler_of()
    scheduler.handle(Begin())
    with pytest.raises(InternalError):
        scheduler.handle(event)


@settings(max_examples=300, deadline=None)
@given(row=rows(3), seed=st.integers(0, 2**32), workers=st.integers(1, 5))
def test_random_graphs_run_each_task_once_whatever_the_order(row: list[Block], seed: int, workers: int) -> None:
    steps = Builder().build(row)
    simulation = Simulation(steps, Scheduler(to_graph(steps), max_workers=workers), seed)
    simulation.run()
    assert simulation.finish == Finish(True)
    assert simulation.most_running <= workers
    counts = Counter((task.step, len(task.inputs)) for task in simulation.tasks.values())
    assert counts == expected(steps)
    keys = [task.key for task in simulation.tasks.values()]
    assert len(keys) == len(set(keys)), "two tasks have one key"
    again = Simulation(steps, Scheduler(to_graph(steps), max_workers=1), 0)
    again.run()
    assert again.trace() == simulation.trace(), "what runs, with which inputs, doesn't depend on the order"
