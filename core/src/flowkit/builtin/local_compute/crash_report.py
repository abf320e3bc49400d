"""What Python says of a crash (a segmentation fault, for one), cut to the user's own frames.

The interpreter writes its report into an open file of the attempt's own in place of stderr: the launching process reads
it when the process has ended, and shows what is the user's.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import flowkit

__all__ = ["catch_crashes", "open_crash_file", "read_crash"]

#: More is not read: reports are short, and the file is the task's to write.
_LONGEST = 256 * 1024
_FRAME = re.compile(r'  File "(?P<file>.*)", line \d+ in (?P<name>.*)')
_PACKAGE = Path(flowkit.__file__).parent
#: Both spellings of the package's folder: one of them may go through a symbolic link.
_OWN = (f"{_PACKAGE}{os.sep}", f"{_PACKAGE.resolve()}{os.sep}")
#: Whoever called this is FlowKit's business.
_OUTERMOST = os.path.join("task", "attempt.py")


def open_crash_file() -> int:
    """An empty open file without a name; the caller closes it."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("flowkit-crash", os.MFD_CLOEXEC)
    import tempfile

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def catch_crashes(fd: int) -> None:
    """Have this process's crashes reported to ``fd``, which stays open."""
    import faulthandler

    faulthandler.enable(fd, all_threads=False)


def read_crash(fd: int) -> str:
    """The report of the attempt's process that crashed, trimmed; empty if none did."""
    if not os.fstat(fd).st_size:
        return ""
    return _trim(os.pread(fd, _LONGEST, 0).decode(errors="backslashreplace"))


def _trim(report: str) -> str:
    """The kind of crash, and the frames down to the step's own, most recent first, without FlowKit's."""
    lines = report.splitlines()
    title = next((line for line in lines if line.strip()), "")
    frames = [(match["file"], line) for line in lines if (match := _FRAME.fullmatch(line))]
    outermost = next((index for index, (file, _) in enumerate(frames) if _is_outermost(file)), len(frames))
    kept = [line for file, line in frames[:outermost] if not file.startswith((*_OWN, "<frozen "))]
    if not kept:
        return f"{title}\n"
    return "\n".join([title, "Stack (most recent call first):", *kept, ""])


def _is_outermost(file: str) -> bool:
    return file.startswith(_OWN) and file.endswith(_OUTERMOST)
