"""Processes that a test's own processes started."""

from __future__ import annotations

import time
from pathlib import Path

__all__ = ["is_gone", "processes_with", "wait_until_gone"]


def is_gone(pid: int, seconds: float = 10) -> bool:
    """Whether a process has ended, or does soon: a signal takes a moment."""
    deadline = time.monotonic() + seconds
    while not (ended := _has_ended(pid)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return ended


def _has_ended(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True
    return text.rpartition(")")[2].split()[0] in "ZX"


def processes_with(marker: str) -> list[int]:
    """Processes that have ``marker`` in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and marker.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def wait_until_gone(marker: str, seconds: float = 6) -> None:
    """Wait until no process has ``marker`` in its environment any more; fails if some outlive ``seconds``."""
    deadline = time.monotonic() + seconds
    while processes_with(marker):
        if time.monotonic() > deadline:
            raise AssertionError(f"processes {processes_with(marker)} outlived the launching process")
        time.sleep(0.01)
