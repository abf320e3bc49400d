"""Tables and plots of docs/explanation/scaling.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scaling import BytesPoint, TasksPoint

__all__ = ["write_page"]

WIDTH, HEIGHT = 420, 220


def write_page(folder: Path, tasks: Sequence[TasksPoint], sizes: Sequence[BytesPoint], about: str) -> None:
    """Rewrite the page's marked parts, and its images."""
    page = folder / "scaling.md"
    text = page.read_text(encoding="utf-8")
    for name, content in (
        ("tasks", tasks_table(tasks)),
        ("bytes", bytes_table(sizes)),
        ("machine", about),
    ):
        text = _between(text, name, content)
    page.write_text(text, encoding="utf-8")
    images = folder / "images"
    images.mkdir(exist_ok=True)
    draw_tasks(tasks, images / "scaling-tasks.svg")
    draw_memory(tasks, images / "scaling-memory.svg")
    draw_bytes(sizes, images / "scaling-bytes.svg")


def tasks_table(points: Sequence[TasksPoint]) -> str:
    """One line for each number of tasks."""
    lines = [
        "| tasks | the run | a task | resume at the join | client, a task | launching process "
        "| files a task | disk a task |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in points:
        lines.append(
            f"| {one.tasks:,} | {_seconds(one.seconds)} | {_seconds(one.seconds / one.tasks)} | {_seconds(one.resume)} "
            f"| {_seconds(one.read / one.tasks)} | {one.memory:.0f} MB | {one.files / one.tasks:.2f} "
            f"| {_bytes(one.stored / one.tasks)} |"
        )
    return "\n".join(lines)


def bytes_table(points: Sequence[BytesPoint]) -> str:
    """One line for each size, both kinds beside each other."""
    lines = [
        "| array | random: saved | loaded | on disk | memory above it | counting: saved | loaded | on disk |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for size in dict.fromkeys(one.bytes for one in points):
        random, counting = (
            next(one for one in points if (one.bytes, one.kind) == (size, kind)) for kind in ("random", "counting")
        )
        lines.append(
            f"| {_bytes(size)} | {_seconds(random.saving)} | {_seconds(random.loading)} | {_bytes(random.stored)} "
            f"| {random.memory:.0f} MB | {_seconds(counting.saving)} | {_seconds(counting.loading)} "
            f"| {_bytes(counting.stored)} |"
        )
    return "\n".join(lines)


def draw_tasks(points: Sequence[TasksPoint], path: Path) -> None:
    """Seconds of a run, of its resume and of reading it, by its number of tasks."""
    series = (("run", "seconds"), ("resume at the join", "resume"), ("client over all tasks", "read"))
    rows = [
        {"tasks": one.tasks, "seconds": getattr(one, field), "what": name} for one in points for name, field in series
    ]
    _save(rows, "tasks", "seconds", path)


def draw_memory(points: Sequence[TasksPoint], path: Path) -> None:
    """Memory of the launching process."""
    rows = [{"tasks": one.tasks, "MB": one.memory, "what": "launching process"} for one in points]
    _save(rows, "tasks", "MB", path)


def draw_bytes(points: Sequence[BytesPoint], path: Path) -> None:
    """Seconds of saving and loading, by size."""
    rows = [
        {"bytes": one.bytes, "seconds": getattr(one, verb), "what": f"{one.kind}, {verb}"}
        for one in points
        for verb in ("saving", "loading")
    ]
    _save(rows, "bytes", "seconds", path)


def _save(rows: list[dict[str, Any]], across: str, up: str, path: Path) -> None:
    """A line for each ``what``; the axes are logarithmic, but for memory."""
    import vl_convert

    axis = {"grid": True, "gridColor": "#e4e4e4", "tickCount": 5}
    formats = {"tasks": ",", "bytes": "~s", "seconds": "~g", "MB": ",.0f"}
    scale = {"type": "linear"} if up == "MB" else {"type": "log"}
    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "height": HEIGHT,
        "background": "white",
        "data": {"values": rows},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {
                "field": across,
                "type": "quantitative",
                "scale": {"type": "log"},
                "axis": axis | {"format": formats[across]},
            },
            "y": {"field": up, "type": "quantitative", "scale": scale, "axis": axis | {"format": formats[up]}},
            "color": {"field": "what", "type": "nominal", "title": None, "sort": None},
        },
    }
    path.write_text(vl_convert.vegalite_to_svg(chart) + "\n", encoding="utf-8")


def _between(text: str, name: str, content: str) -> str:
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    if not after:
        raise ValueError(f"scaling.md has no part marked {name!r}")
    return f"{before}{begin}\n{content}\n{end}{after}"


def _seconds(value: float) -> str:
    if value < 0.001:
        return f"{1e6 * value:.0f} µs"
    return f"{1000 * value:.1f} ms" if value < 0.1 else f"{1000 * value:.0f} ms" if value < 1 else f"{value:.2f} s"


def _bytes(value: float) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.0f} B"
