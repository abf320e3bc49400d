"""What an import may have left in a process so that its forked children could hang or share what they must not.

Each check gives the reason in words, or None.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["platform_reason", "resource_reason", "thread_reason"]

#: Threads that libraries start when they are imported and that hold no work: allocators' cleaners (jemalloc, in
#: pyarrow and polars) and the one that removes polars' spilled files. As in /proc, cut to 15 characters.
_IDLE_THREADS = frozenset({"jemalloc_bg_thd", "polars-ooc-clea"})
_OPENBLAS_COUNTERS = (
    "scipy_openblas_get_num_threads64_",
    "scipy_openblas_get_num_threads",
    "openblas_get_num_threads64_",
    "openblas_get_num_threads",
)
_DEVICES = ("/dev/nvidia", "/dev/kfd", "/dev/dri/render")


def platform_reason() -> str | None:
    """Whether this system forks processes that have imported libraries safely."""
    return None if sys.platform == "linux" and hasattr(os, "fork") else f"processes aren't forked on {sys.platform}"


def thread_reason() -> str | None:
    """Threads that are alive in this process and would be missing in a child.

    Threads of OpenBLAS don't count: numpy and scipy start them when they are imported, and OpenBLAS ends and starts
    them again around a fork. They are counted by asking each loaded OpenBLAS.
    """
    import threading

    others = [one for one in threading.enumerate() if one is not threading.current_thread()]
    if others:
        return f"the Python thread {others[0].name!r} is alive"
    try:
        names = [name for name in _thread_names() if name not in _IDLE_THREADS]
    except OSError as error:
        return f"the process's threads can't be listed ({error.strerror})"
    if names and len(names) > _openblas_threads():
        return f"a thread pool has worked (thread {max(names, key=_is_named)!r})"
    return None


def _is_named(name: str) -> bool:
    return not name.startswith("python")


def _thread_names() -> Iterator[str]:
    own = str(os.getpid())
    for number in os.listdir("/proc/self/task"):
        if number != own:
            try:
                yield Path(f"/proc/self/task/{number}/comm").read_text().rstrip("\n")
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile


def _openblas_threads() -> int:
    import ctypes

    count = 0
    with open("/proc/self/maps") as maps:
        paths = {line[line.index("/") :].rstrip("\n") for line in maps if "openblas" in line and "/" in line}
    for path in paths:
        try:
            library = ctypes.CDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
        except OSError:
            continue
        counter = next((name for name in _OPENBLAS_COUNTERS if hasattr(library, name)), None)
        if counter is not None:
            count += int(getattr(library, counter)()) - 1
    return count


def resource_reason() -> str | None:
    """Open connections, databases and GPUs, which parent and children would share."""
    torch: Any = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    if cuda is not None and cuda.is_initialized():
        return "a GPU is in use"
    for fd in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{fd}")
        except OSError:
            continue  # the one that listed them
        if target.startswith(_DEVICES):
            return f"a GPU is in use ({target})"
        if int(fd) > 2 and target.startswith("socket:") and (peer := _connection(int(fd))) is not None:
            return f"a connection is open ({peer})"
    return _database_reason()


def _connection(fd: int) -> str | None:
    """What a socket is connected to, unless it only joins processes of one family (a socketpair)."""
    import socket

    try:
        one = socket.socket(fileno=os.dup(fd))
    except OSError:
        return None
    with one:
        if one.family in (socket.AF_INET, socket.AF_INET6):
            return "an internet socket"
        if one.family != socket.AF_UNIX:
            return None
        try:
            name = one.getpeername() or one.getsockname()
        except OSError:
            name = one.getsockname()
        return str(name) if name else None


def _database_reason() -> str | None:
    connection: Any = getattr(sys.modules.get("sqlite3"), "Connection", None)
    if connection is None:
        return None
    import gc

    if any(issubclass(type(one), connection) for one in gc.get_objects()):
        return "a database is open (sqlite3)"
    return None
