"""Splits whose tasks run together, splits whose width a task finds out, and what a join is told of its split."""

from __future__ import annotations

import pytest

from flowkit.engine.scheduler import Scheduler
from flowkit.errors import InternalError
from flowkit.model.artifact import BlobRef, ItemsRef, Transition
from flowkit.model.event import AttemptEnded, Begin, Finish, Instruction, ScheduledTask, Submit
from support.graphs import Block, Builder, to_graph

ITEMS = ItemsRef(BlobRef("0" * 64, 10), 2)


def at_the_split(max_workers: int = 16) -> Scheduler:
    """A scheduler whose task 2, of step ``foreach1``, is about to split."""
    scheduler = Scheduler(to_graph(Builder().build([Block("foreach", [[Block("step")]], 3)])), {}, max_workers)
    scheduler.handle(Begin())
    scheduler.handle(AttemptEnded("1", "succeeded", Transition(("foreach1",))))
    return scheduler


def end(scheduler: Scheduler, task_id: str, *steps: str, **more: object) -> list[Instruction]:
    transition = Transition(steps, **more) if steps else None  # type: ignore[arg-type]
    return scheduler.handle(AttemptEnded(task_id, "succeeded", transition))


def tasks(instructions: list[Instruction]) -> list[ScheduledTask]:
    return [one.task for one in instructions if isinstance(one, Submit)]


def test_parallel_tasks_start_together_however_few_workers_there_are() -> None:
    scheduler = at_the_split(max_workers=1)
    started = tasks(end(scheduler, "2", "branch3", parallel=True, num_splits=4))
    assert [task.index_path for task in started] == ["0", "1", "2", "3"]
    assert scheduler.running == 4
    groups = {id(task.frame.group): task.frame.group for task in started if task.frame}
    [group] = groups.values()
    assert group.control_task_id == started[0].id
    # The first that is done doesn't let anything start: the others still run.
    assert tasks(end(scheduler, started[0].id, "step4")) == []


def test_a_join_is_told_which_split_it_closes() -> None:
    scheduler = at_the_split()
    started = tasks(end(scheduler, "2", "branch3", foreach="items", num_splits=2, items=ITEMS))
    for task in started:
        [after] = tasks(end(scheduler, task.id, "step4"))
        [*joins] = tasks(end(scheduler, after.id, "join2"))
    [join] = joins
    assert join.closes is not None
    assert (join.closes.task_id, join.closes.items, join.closes.width) == ("2", ITEMS, 2)
    assert join.frame is None


def test_of_an_unbounded_foreach_the_control_task_says_how_many() -> None:
    scheduler = at_the_split()
    [control] = tasks(end(scheduler, "2", "branch3", foreach="items"))
    assert control.frame is not None
    assert (control.step, control.frame.control, control.key) == ("branch3", True, "foreach1[control]/branch3")
    mapped = tasks(end(scheduler, control.id, "branch3", foreach="items", num_splits=2, items=ITEMS))
    assert [(task.step, task.inputs, task.index_path) for task in mapped] == [
        ("branch3", ("2",), "0"),
        ("branch3", ("2",), "1"),
    ]
    assert all(task.frame and not task.frame.control and task.frame.group.items is ITEMS for task in mapped)
    following = [tasks(end(scheduler, task.id, "step4"))[0] for task in mapped]
    assert end(scheduler, following[1].id, "join2") == []
    [join] = tasks(end(scheduler, following[0].id, "join2"))
    assert join.inputs == tuple(task.id for task in following)
    [last] = tasks(end(scheduler, join.id, "end"))
    assert end(scheduler, last.id) == [Finish(True)]


def test_a_control_task_that_says_nothing_is_an_error() -> None:
    scheduler = at_the_split()
    [control] = tasks(end(scheduler, "2", "branch3", foreach="items"))
    with pytest.raises(InternalError, match="without any items"):
        end(scheduler, control.id, "step4")
