"""Hashes of content."""

from __future__ import annotations

import os
from collections.abc import Sequence

from blake3 import blake3

__all__ = ["digest", "new_hasher"]

#: From here on it pays to hash with several threads.
_THREADED = 16 << 20


def digest(parts: Sequence[memoryview]) -> str:
    """BLAKE3 of the parts in a row, as 64 hexadecimal digits."""
    if len(parts) == 1 and parts[0].nbytes < _THREADED:
        return blake3(parts[0]).hexdigest()
    largest = max((part.nbytes for part in parts), default=0)
    # A number, not "all that there are": that would use a pool of threads that outlives this call, and a process that
    # has such a pool can't be forked safely.
    hasher = blake3(max_threads=_processors()) if largest >= _THREADED else blake3()
    for part in parts:
        hasher.update(part)
    return hasher.hexdigest()


def new_hasher() -> blake3:
    """A hasher that is fed piece by piece."""
    return blake3()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
