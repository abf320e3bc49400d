"""Writable memory for loaded content."""

from __future__ import annotations

import mmap

__all__ = ["new_memory"]

_SMALL = 1 << 20


def new_memory(size: int) -> memoryview:
    """``size`` writable bytes. Large memory is private to the process and isn't touched before it is used."""
    if size < _SMALL:
        return memoryview(bytearray(size))
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        try:
            memory.madvise(mmap.MADV_HUGEPAGE)
        except OSError:
            return memoryview(memory)  # a kernel without them: only slower
    return memoryview(memory)
