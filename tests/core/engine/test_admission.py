"""How many tasks run, and how many wait beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from flowkit.engine.admission import MOST_AHEAD, Admission
from flowkit.interfaces.compute_backend import ComputeBackend
from flowkit.model.event import Frame, ScheduledTask, SplitGroup
from flowkit.model.task import ForeachFrame, RunSpec, StoreRef, TaskSpec

BRIEF = 8


class Backend:
    def __init__(self, lookahead: int) -> None:
        self._lookahead = lookahead

    def lookahead(self) -> int:
        return self._lookahead


def admission(workers: int, *lookaheads: int, brief: int = 0) -> Admission:
    one = Admission(workers, cast(Sequence[ComputeBackend], [Backend(count) for count in lookaheads]))
    for _ in range(brief):
        one.ended(0.001)
    return one


def task(number: int, frame: Frame | None = None) -> ScheduledTask:
    return ScheduledTask(str(number), "step", (), frame, 0, "step", {}, None)


def admitted(one: Admission, active: int) -> list[str]:
    found = []
    while (next_one := one.next(active + len(found))) is not None:
        found.append(next_one.id)
    return found


@given(st.integers(1, 20), st.integers(0, 30), st.integers(0, 40))
def test_no_more_than_the_workers_run_while_nothing_is_known(workers: int, active: int, waiting: int) -> None:
    one = admission(workers, 8)
    for number in range(waiting):
        one.add(task(number))
    assert admitted(one, active) == [str(number) for number in range(min(waiting, max(0, workers - active)))]


def test_brief_tasks_are_given_out_ahead() -> None:
    for brief, lookahead, ahead in ((BRIEF - 1, 8, 0), (BRIEF, 8, 8), (BRIEF, 2, 2), (BRIEF, 0, 0), (BRIEF, 100, 8)):
        one = admission(2, lookahead, brief=brief)
        for number in range(20):
            one.add(task(number))
        assert len(admitted(one, 0)) == 2 + ahead <= 2 + MOST_AHEAD


def test_one_long_task_ends_that() -> None:
    one = admission(2, 8, brief=20)
    one.ended(5.0)
    one.add(task(1))
    assert one.next(2) is None
    assert one.next(1) is not None


def test_a_backend_that_takes_none_decides_for_all() -> None:
    one = admission(2, 8, 0, brief=20)
    one.add(task(1))
    assert one.next(2) is None


def test_parallel_tasks_wait_for_the_first_of_them_alone() -> None:
    group = SplitGroup("start", "1", None, 4, parallel=True)
    one = admission(2, 0)
    for index in range(4):
        one.add(task(index, Frame(group, index)))
    assert admitted(one, 2) == []
    assert admitted(one, 1) == ["0", "1", "2", "3"]


def test_which_attempts_wait_with_their_backend() -> None:
    ref: Any = StoreRef("local", "")
    run = RunSpec("F", "f.py", "1", ref, ref, "ann")
    plain = TaskSpec(run, "step", "1")
    together = TaskSpec(run, "step", "1", frames=(ForeachFrame("start", "1", "", 0, 2),))
    one = admission(2, 8)
    assert not one.is_ahead(1, plain)
    assert one.is_ahead(2, plain)
    assert not one.is_ahead(2, together)


def test_what_waits_can_be_given_up() -> None:
    one = admission(1, 0)
    for number in range(3):
        one.add(task(number))
    assert admitted(one, 0) == ["0"]
    assert one.give_up() == ["1", "2"]
    assert admitted(one, 0) == []
