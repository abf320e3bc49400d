"""A task's output, as ``logs`` writes it."""

from __future__ import annotations

from collections.abc import Iterable

import click

from flowkit.cli.console import Console
from flowkit.cli.progress_lines import timestamp
from flowkit.model.log import LogRecord, Stream

__all__ = ["chosen_streams", "write_log"]


def chosen_streams(stdout: bool, stderr: bool, both: bool) -> frozenset[Stream]:
    """Which streams ``--stdout``, ``--stderr`` and ``--both`` ask for. Raises click.UsageError for none."""
    chosen: set[Stream] = set()
    if stdout:
        chosen.add("stdout")
    if stderr:
        chosen.add("stderr")
    if both and not chosen:
        chosen.update(("stdout", "stderr"))
    if not chosen:
        raise click.UsageError("nothing to show: give --stdout, --stderr or --both")
    return frozenset(chosen)


def write_log(console: Console, records: Iterable[LogRecord], streams: frozenset[Stream], *, timestamps: bool) -> None:
    """Write the records of some streams to stdout, as the task wrote them."""
    open_line: Stream | None = None
    pieces: list[bytes] = []
    for record in records:
        if record.stream not in streams:
            continue
        if open_line is not None and (timestamps or open_line != record.stream):
            pieces.append(b"\n")
        if timestamps:
            pieces.append(f"{timestamp(record.time)} ".encode())
        pieces.append(record.data)
        open_line = None if record.data.endswith(b"\n") else record.stream
    console.result_bytes(b"".join(pieces))
