"""Files that tell other programs what a command did."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flowkit.errors import FlowkitError

__all__ = ["write_attributes", "write_text"]


def write_attributes(file: str | None, attributes: Mapping[str, Any]) -> None:
    """Write the file of ``--deployer-attribute-file``, if it is asked for."""
    if file is not None:
        write_text("--deployer-attribute-file", file, json.dumps(attributes))


def write_text(option: str, file: str, text: str) -> None:
    """Write a file so that whoever waits for it never sees a part of it. Raises FlowkitError if it can't be."""
    path = Path(file)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        raise FlowkitError(f"{option} {path} can't be written: {error.strerror}") from error
