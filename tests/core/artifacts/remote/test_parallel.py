"""Work in threads, in order, with bounds."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from flowkit.artifacts.remote.parallel import map_in_order


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_results_are_in_order(count: int) -> None:
    assert list(map_in_order(lambda number: number * 2, range(count), 4)) == [number * 2 for number in range(count)]


def test_one_item_needs_no_thread() -> None:
    assert list(map_in_order(lambda _: threading.current_thread(), [1], 8)) == [threading.current_thread()]


def test_no_more_is_taken_than_is_worked_on() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number

    results = map_in_order(lambda number: number, items(), 3)
    assert next(results) == 0
    assert len(taken) <= 7
    assert list(results) == list(range(1, 100))


def test_a_failure_ends_it() -> None:
    done: list[int] = []

    def work(number: int) -> int:
        if number == 5:
            raise ValueError(number)
        done.append(number)
        return number

    with pytest.raises(ValueError, match="5"):
        list(map_in_order(work, range(1000), 2))
    assert len(done) < 20
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("flowkit-remote")]
