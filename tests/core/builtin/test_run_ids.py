from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from flowkit.builtin.run_ids import new_run_id


def test_ids_are_microseconds_and_grow() -> None:
    before = time.time_ns() // 1000
    ids = [int(new_run_id()) for _ in range(1000)]
    assert ids == sorted(set(ids))
    assert ids[0] >= before


def test_ids_grow_though_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = int(new_run_id())
    monkeypatch.setattr(time, "time_ns", lambda: 1_000)
    assert int(new_run_id()) == first + 1


def test_threads_get_ids_of_their_own() -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: new_run_id(), range(2000)))
    assert len(set(ids)) == 2000
