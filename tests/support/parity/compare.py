"""Differences between two trees of JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

__all__ = ["differences"]


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Path, our value and theirs of each that differs. A value that isn't there is ``<none>``."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted({*ours, *theirs}):
            yield from differences(ours.get(name, "<none>"), theirs.get(name, "<none>"), f"{path}/{name}")
    elif ours != theirs:
        yield path.removeprefix("/"), ours, theirs
