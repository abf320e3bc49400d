"""Many requests at once, with bounded memory, and pauses between attempts."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TypeVar

__all__ = ["map_in_order", "pause"]

T = TypeVar("T")
R = TypeVar("R")


def map_in_order(function: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """As ``map``, with up to ``workers`` threads, of which no more are started than there is work for.

    Items are taken as results are: no more than twice ``workers`` of them are on their way. The threads have ended
    when the iterator has, or is closed. The first failure is raised, and what hasn't begun then isn't done.
    """
    iterator = iter(items)
    first = list(islice(iterator, 2))
    if len(first) < 2 or workers < 2:
        yield from map(function, chain(first, iterator))
        return
    from concurrent.futures import Future, ThreadPoolExecutor

    pool = ThreadPoolExecutor(workers, thread_name_prefix="flowkit-remote")
    waiting: deque[Future[R]] = deque()
    try:
        for item in chain(first, iterator):
            if len(waiting) >= 2 * workers:
                yield waiting.popleft().result()
            waiting.append(pool.submit(function, item))
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def pause(failures: int, *, base: float = 0.1, longest: float = 10.0) -> None:
    """Wait before another attempt, after so many failures: twice as long each time, and up to that long by chance."""
    time.sleep(random.uniform(0, min(longest, base * 2**failures)))
