"""The table, as Markdown: printed, kept in results.md, and put into the README."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from environments import HERE, Tool
from machine import describe, floors
from timing import Result

__all__ = ["write"]

BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"


def table(results: Sequence[Result]) -> str:
    """One line a row: medians and the ratio."""
    lines = ["| work | FlowKit | Metaflow | times | to reach |", "|---|---:|---:|---:|---:|"]
    for result in results:
        own, other = statistics.median(result.flowkit), statistics.median(result.metaflow)
        lines.append(
            f"| {result.row.name} | {_figure(own, result.row.unit)} | {_figure(other, result.row.unit)} "
            f"| {result.ratio:.1f} | {result.row.target:g} |"
        )
    return "\n".join(lines)


def write(results: Sequence[Result], own: Tool, other: Tool, *, readme: bool) -> str:
    """Write ``results.md`` (and the README's table); returns the text."""
    date = time.strftime("%Y-%m-%d")
    floor = ", ".join(f"{name} {figure}" for name, figure in floors().items())
    text = (
        f"{table(results)}\n\n"
        f"Medians of whole processes, in one run, warm, on {date}: {describe()}; FlowKit {own.version()}, Metaflow "
        f"{other.version()} from the package index. This machine at best: {floor}.\n"
    )
    (HERE / "results.md").write_text(f"# Benchmarks\n\n{text}")
    if readme:
        file = HERE.parent / "README.md"
        content = file.read_text()
        before, _, rest = content.partition(BEGIN)
        _, _, after = rest.partition(END)
        file.write_text(f"{before}{BEGIN}\n{text}{END}{after}")
    return text


def _figure(value: float, unit: str) -> str:
    return f"{1000 * value:.0f} ms" if unit == "s" and value < 1 else f"{value:.2f} {unit}"
