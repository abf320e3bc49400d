"""Processes that a test's own processes started."""

from __future__ import annotations

from pathlib import Path

__all__ = ["processes_with"]


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
