"""``FlowSpec.cmd``: a command with files for its input and output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flowkit.errors import CommandError

__all__ = ["run_with_files"]


def run_with_files(cmdline: str, files: Mapping[str, bytes | str], output: Sequence[str]) -> Any:
    """Write ``files``, run ``cmdline`` in a shell, and read the files of ``output``. Raises CommandError."""
    import subprocess

    for path, content in files.items():
        Path(path).write_bytes(content.encode() if isinstance(content, str) else content)
    # A shell is what this is for: the command line is the flow author's own text.
    code = subprocess.call(cmdline, shell=True)  # noqa: S602
    if code:
        raise CommandError(f"the command {cmdline!r} ended with exit code {code}")
    contents = [Path(path).read_bytes() for path in output]
    return contents[0] if len(contents) == 1 else contents
