"""Processes that a test's own processes started."""

from __future__ import annotations

import time
from pathlib import Path

__all__ = ["processes_with", "wait_until_gone"]


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
