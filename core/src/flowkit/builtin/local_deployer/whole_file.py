"""Files that are written whole."""

from __future__ import annotations

import os
from pathlib import Path

from flowkit.errors import FlowkitError

__all__ = ["write_whole"]


def write_whole(path: Path, text: str) -> None:
    """Write a file, and its folder, so that nobody ever reads a part of it. Raises FlowkitError if it can't be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise FlowkitError(f"{path} can't be written: {error.strerror}") from error
