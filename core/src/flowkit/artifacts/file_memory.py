"""Files as private memory."""

from __future__ import annotations

import mmap
import os
import sys

__all__ = ["private_memory"]

#: A smaller file is read: that costs less than a mapping and its page faults.
_SMALLEST = 1 << 20
#: Not every Python names it. It keeps a mapping larger than the memory from being refused.
_FLAGS = mmap.MAP_PRIVATE | getattr(mmap, "MAP_NORESERVE", 0)


def private_memory(fd: int, size: int) -> memoryview:
    """The first ``size`` bytes of a file as memory that may be written; the file never changes.

    Raises
    ------
    EOFError
        If the file is shorter.
    OSError
        If it can't be read.
    """
    if size >= _SMALLEST and _has_room_for_descriptor(fd):
        try:
            return memoryview(_map(fd, size))
        except (OSError, ValueError):
            pass  # this file system, or a limit on memory, doesn't allow it
    content = memoryview(bytearray(size))
    filled = 0
    while filled < size:
        count = os.preadv(fd, [content[filled:]], filled)
        if not count:
            raise EOFError(f"{filled} bytes in place of {size}")
        filled += count
    return content


def _map(fd: int, size: int) -> mmap.mmap:
    protection = mmap.PROT_READ | mmap.PROT_WRITE
    if sys.version_info >= (3, 13):
        return mmap.mmap(fd, size, flags=_FLAGS, prot=protection, trackfd=False)
    return mmap.mmap(fd, size, flags=_FLAGS, prot=protection)


def _has_room_for_descriptor(fd: int) -> bool:
    """Whether the process can spare a descriptor: before Python 3.13 a mapping keeps one for as long as it lives.

    The system gives out the lowest that is free, so the next one tells how many are taken. The user's code gets half.
    """
    if sys.version_info >= (3, 13):
        return True
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    try:
        following = os.dup(fd)
    except OSError:
        return False
    os.close(following)
    return limit == resource.RLIM_INFINITY or following < limit // 2
