"""The table, as Markdown: printed, kept in results.md, and put into the README."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from bounds import Bound
from environments import HERE, Tool
from machine import describe, floors
from others import ISOLATION, Figure
from timing import Result

__all__ = ["write"]

NEWLINES = "\n\n"
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


def bounds_table(bounds: Sequence[Bound]) -> str:
    """One line for each thing that should be at most so much."""
    lines = ["| what | FlowKit | Metaflow | at most |", "|---|---:|---:|---:|"]
    for bound in bounds:
        other = "" if bound.metaflow is None else _figure(bound.metaflow, bound.unit)
        limit = f"{bound.limit:g} {bound.unit}".rstrip()
        lines.append(f"| {bound.name} | {_figure(bound.flowkit, bound.unit)} | {other} | {limit} |")
    return "\n".join(lines)


def others_table(figures: Sequence[Figure]) -> str:
    """One line for each tool: its figures, and what keeps its tasks apart."""
    works = list(dict.fromkeys(figure.work for figure in figures if figure.work))
    lines = [f"| tool | {' | '.join(works)} | its tasks |", f"|---|{'---:|' * len(works)}---|"]
    for tool, isolation in ISOLATION.items():
        mine = {figure.work: figure for figure in figures if figure.tool == tool}
        cells = [_figure(mine[work].seconds or 0, "s") if work in mine else "" for work in works]
        failure = next((figure.reason for figure in mine.values() if figure.reason), "")
        note = f"not measured: {failure.replace('|', ' ')}" if failure else isolation
        lines.append(f"| {tool} | {' | '.join(cells)} | {note} |")
    return "\n".join(lines)


def write(
    results: Sequence[Result],
    bounds: Sequence[Bound],
    figures: Sequence[Figure],
    own: Tool,
    other: Tool,
    *,
    readme: bool,
) -> str:
    """Write ``results.md`` (and the README's table); returns the text."""
    date = time.strftime("%Y-%m-%d")
    floor = ", ".join(f"{name} {figure}" for name, figure in floors().items())
    tables = [
        table(results) if results else "",
        bounds_table(bounds) if bounds else "",
        others_table(figures) if figures else "",
    ]
    text = (
        f"{NEWLINES.join(filter(None, tables))}\n\n"
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
    if unit == "s" and value < 1:
        return f"{1000 * value:.0f} ms"
    return f"{value:.0f} MB" if unit == "MB" else f"{value:.2f} {unit}".rstrip()
