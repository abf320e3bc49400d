"""A task's process: how it is bound to its parent, what its streams are, and how it ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TextIO, cast

try:
    import resource as _resource
except ImportError:  # Windows
    _usage: Any = None
else:
    _usage = _resource

__all__ = ["Libc", "end_process", "line_buffered", "peak_memory", "prepare_streams"]

_PR_SET_PDEATHSIG = 1
_IONBF = 2


class Libc:
    """The few calls of the C library that Python has no function for. Loaded once, before any fork."""

    def __init__(self) -> None:
        import ctypes

        self._library = ctypes.CDLL(None)
        self._fflush = self._library.fflush
        self._prctl = getattr(self._library, "prctl", None)
        self._pointer = ctypes.c_void_p

    def die_with_parent(self, parent: int, signum: int) -> None:
        """Have the system send ``signum`` to this process when its parent ends; leave at once if that has happened.

        Does nothing where the system can't (macOS).
        """
        if self._prctl is None or sys.platform != "linux":
            return
        self._prctl(_PR_SET_PDEATHSIG, signum)
        if os.getppid() != parent:
            os._exit(1)

    def flush(self) -> None:
        """Flush all of C's output streams."""
        self._fflush(None)

    def unbuffer_stdout(self) -> None:
        """Have C's stdout write at once, as it does on a terminal."""
        try:
            stream = self._pointer.in_dll(self._library, "stdout")
        except ValueError:  # another name there (macOS)
            return
        self._library.setvbuf(stream, None, _IONBF, 0)


def line_buffered(stream: Any, fd: int) -> TextIO:
    """``stream`` if it writes to ``fd``, else a new stream that does; writing each line as it ends."""
    try:
        if stream.fileno() == fd:
            stream.reconfigure(line_buffering=True)
            return cast(TextIO, stream)
    except (AttributeError, OSError, ValueError):
        pass  # replaced by the flow, a notebook or a test runner with something that isn't a file
    errors = "backslashreplace" if fd == 2 else "strict"
    return open(fd, "w", buffering=1, encoding="utf-8", errors=errors, closefd=False)


def prepare_streams() -> None:
    """Make ``sys.stdin``, ``sys.stdout`` and ``sys.stderr`` streams over the process's own three files."""
    module: Any = sys
    module.stdout = module.__stdout__ = line_buffered(sys.stdout, 1)
    module.stderr = module.__stderr__ = line_buffered(sys.stderr, 2)
    module.stdin = module.__stdin__ = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the process's life


def end_process(code: int, libc: Libc | None = None, drain: Callable[[], None] | None = None) -> NoReturn:
    """End as an interpreter does: join threads, run what was registered for the end, flush; then leave.

    The interpreter itself isn't torn down: that costs more than a small task, and frees what the system frees anyway.

    Parameters
    ----------
    drain
        Called when all is flushed.
    """
    try:
        threading: Any = sys.modules.get("threading")
        if threading is not None and (len(threading._active) > 1 or threading._threading_atexits):
            threading._shutdown()
        registered: Any = sys.modules.get("atexit")
        if registered is not None and registered._ncallbacks():
            registered._run_exitfuncs()
    except BaseException:
        sys.excepthook(*cast(Any, sys.exc_info()))
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # closed by the task
    if libc is not None:
        libc.flush()
    if drain is not None:
        drain()
    os._exit(code)


def peak_memory() -> int | None:
    """Peak resident memory of this process in bytes; None where the system doesn't tell."""
    if _usage is None:
        return None
    peak: int = _usage.getrusage(_usage.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
