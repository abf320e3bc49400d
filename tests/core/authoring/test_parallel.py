"""``parallel_map`` and its kin, and ``profile``."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flowkit import parallel_imap_unordered, parallel_map, profile
from flowkit.errors import ParallelMapError
from support.project import Project


def children() -> set[int]:
    """Processes of this one, whether they have ended or not."""
    tasks = f"/proc/{os.getpid()}/task"
    found: set[int] = set()
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/children") as file:
            found.update(map(int, file.read().split()))
    return found


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = (children(), set(os.listdir("/proc/self/fd")))
    yield
    assert (children(), set(os.listdir("/proc/self/fd"))) == before


def test_results_are_in_the_order_of_the_items() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.05 if number == 0 else 0)
        return number * number

    assert parallel_map(slow_first, range(6), max_parallel=3) == [0, 1, 4, 9, 16, 25]
    assert parallel_map(slow_first, []) == []
    assert parallel_map(slow_first, iter([3]), dir="/nowhere") == [9]


def test_results_come_as_they_are_done(tmp_path: Path) -> None:
    seen = tmp_path / "seen"

    def wait(is_slow: bool) -> str:
        while is_slow and not seen.exists():
            time.sleep(0.01)
        return "slow" if is_slow else "quick"

    results = parallel_imap_unordered(wait, [True, False], max_parallel=2)
    assert next(results) == "quick"
    seen.touch()
    assert list(results) == ["slow"]


def test_each_call_has_a_process_of_its_own() -> None:
    changed: list[int] = []

    def work(number: int) -> tuple[int, int]:
        changed.append(number)
        return len(changed), os.getpid()

    results = parallel_map(work, range(4), max_parallel=2)
    assert [count for count, _ in results] == [1, 1, 1, 1]
    assert len({pid for _, pid in results} | {os.getpid()}) == 5
    assert changed == []


def test_there_are_never_more_processes_than_asked_for() -> None:
    seen = []

    def items() -> Iterator[int]:
        for number in range(5):
            seen.append(len(children()))
            yield number

    before = len(children())
    parallel_map(lambda number: number, items(), max_parallel=2)
    assert max(seen) - before <= 1


def test_items_are_taken_when_there_is_room() -> None:
    taken: list[int] = []

    def endless() -> Iterator[int]:
        for number in range(1_000_000):
            taken.append(number)
            yield number

    results = parallel_imap_unordered(lambda number: number, endless(), max_parallel=2)
    assert {next(results), next(results), next(results)} <= set(range(6))
    results.close()  # type: ignore[attr-defined]
    assert len(taken) < 10


def test_neither_function_nor_items_need_be_picklable() -> None:
    lock = threading.Lock()
    assert parallel_map(lambda item: item[1].locked(), [(1, lock), (2, lock)]) == [False, False]


def test_large_results() -> None:
    arrays = parallel_map(lambda number: np.full(3_000_000, number), range(3))
    assert [(int(array[0]), array.nbytes) for array in arrays] == [(0, 24_000_000), (1, 24_000_000), (2, 24_000_000)]


class Odd(Exception):
    """Can be pickled, but not unpickled."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} {two}")


def fail(number: int) -> int:
    if number == 2:
        raise ZeroDivisionError("no good")
    if number == 3:
        raise Odd(1, 2)
    if number == 4:
        os.kill(os.getpid(), 9)
    if number == 5:
        os._exit(7)
    if number == 6:
        raise SystemExit(3)
    time.sleep(60)
    return number


@pytest.mark.parametrize(
    ("number", "said", "cause"),
    [
        (2, "item 1: ZeroDivisionError: no good", ZeroDivisionError),
        (3, "item 1: test_parallel.Odd: 1 2", None),
        (4, "the process for item 1 ended by signal 9 before it had a result", None),
        (5, "the process for item 1 ended with status 7 before it had a result", None),
        (6, "item 1: SystemExit: 3", SystemExit),
    ],
)
def test_a_failure_names_the_item_and_ends_the_others(
    number: int, said: str, cause: type[BaseException] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Odd, "__module__", "test_parallel")
    with pytest.raises(ParallelMapError) as caught:
        parallel_map(fail, [1, number], max_parallel=2)
    assert str(caught.value) == f"parallel_map: {said}"
    assert type(caught.value.__cause__) is (cause or type(None))
    if cause is not None:
        (note,) = caught.value.__notes__
        assert "in fail" in note
        assert f'File "{__file__}"' in note


def test_a_result_that_can_t_be_pickled() -> None:
    with pytest.raises(ParallelMapError, match=r"item 0: .*pickle"):
        parallel_map(lambda _: threading.Lock(), [1])


def test_no_process_at_all_is_refused() -> None:
    with pytest.raises(ParallelMapError, match="max_parallel=0: must be at least 1"):
        parallel_map(fail, [1], max_parallel=0)


def test_processes_don_t_draw_the_same_random_numbers() -> None:
    np.random.seed(7)
    first = parallel_map(lambda _: float(np.random.random()), range(3))
    np.random.seed(7)
    again = parallel_map(lambda _: float(np.random.random()), range(3))
    assert first == again
    assert len(set(first)) == 3
    assert len(set(parallel_map(lambda _: random.random(), range(3)))) == 3


def test_in_a_task_with_a_timeout(project: Project) -> None:
    project.write(
        "flow.py",
        """
        import time
        from flowkit import FlowSpec, catch, parallel_imap_unordered, parallel_map, step, timeout

        class Parallel(FlowSpec):
            @catch(var="late", print_exception=False)
            @timeout(seconds=1)
            @step
            def start(self):
                self.squares = parallel_map(self.square, range(4))
                self.unordered = sorted(parallel_imap_unordered(self.square, range(4)))
                parallel_map(time.sleep, [60, 60])
                self.next(self.end)

            def square(self, number):
                print("square of", number)
                return number * number

            @step
            def end(self):
                print(self.squares, self.unordered, self.late.type)

        if __name__ == "__main__":
            Parallel()
        """,
    )
    done = project.run("run", check=True)
    assert "[0, 1, 4, 9] [0, 1, 4, 9] flowkit.errors.StepTimeout" in done.stdout
    assert all(done.stdout.count(f"square of {number}\n") == 2 for number in range(4))


# --- profile ---------------------------------------------------------------------------------------------------------


def test_profile_prints(capsys: pytest.CaptureFixture[str]) -> None:
    with profile("work"):
        print("working")
    first, middle, last = capsys.readouterr().out.splitlines()
    assert (first, middle) == ("PROFILE: work: starting", "working")
    assert last.startswith("PROFILE: work: done in ")
    assert last.endswith(" ms")


def test_profile_adds_to_a_dict(capsys: pytest.CaptureFixture[str]) -> None:
    stats: dict[str, Any] = {"work": 1000}
    with pytest.raises(ValueError, match="stop"), profile("work", stats):
        time.sleep(0.01)
        raise ValueError("stop")
    with profile("other", stats):
        pass
    assert 1010 <= stats["work"] < 1_000_000
    assert type(stats["other"]) is int
    assert capsys.readouterr().out == ""
