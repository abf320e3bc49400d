"""``profile``: how long something takes."""

from __future__ import annotations

import time
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager

__all__ = ["profile"]


@contextmanager
def profile(label: str, stats_dict: MutableMapping[str, int] | None = None) -> Iterator[None]:
    """Measure the time of a ``with`` block.

    Parameters
    ----------
    label
        What it is, for those who read the result.
    stats_dict
        Gets the milliseconds under ``label``, added to what is there; nothing is printed then. Without it, a line is
        printed before and one after.
    """
    if stats_dict is None:
        print(f"PROFILE: {label}: starting", flush=True)
    start = time.perf_counter()
    try:
        yield
    finally:
        took = round(1000 * (time.perf_counter() - start))
        if stats_dict is None:
            print(f"PROFILE: {label}: done in {took} ms", flush=True)
        else:
            stats_dict[label] = stats_dict.get(label, 0) + took
