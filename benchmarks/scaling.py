"""How time, memory and files grow with the number of tasks and with bytes: the figures of docs/explanation/scaling.md.

``make scaling`` measures from 10 to 10,000 tasks and 1 KB to 4 GB, in about ten minutes; ``python benchmarks/scaling.py
--tasks 1000 --bytes 1e8`` stops at smaller ones. FlowKit is measured alone, beside nothing else on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from typing import TypeVar

import attrs
from environments import HERE, flowkit
from machine import describe, floors
from scaling_page import write_page
from workspace import Workspace

__all__ = ["BytesPoint", "TasksPoint"]

TASKS = (10, 100, 1_000, 10_000)
BYTES = (1_000, 100_000, 10_000_000, 100_000_000, 1_000_000_000, 4_000_000_000)
#: One of the two below.
Point = TypeVar("Point")
WORKERS = ("--max-workers", "2", "--max-num-splits", "100000")
GIB = 2**30


@attrs.frozen
class TasksPoint:
    """A foreach of so many tasks."""

    tasks: int
    #: Of the whole process.
    seconds: float
    #: Resuming it at its join.
    resume: float
    #: Reading the artifact, metadata and logs of each.
    read: float
    #: Of the launching process, in MB.
    memory: float
    files: int
    #: On disk, of everything.
    stored: int


@attrs.frozen
class BytesPoint:
    """One array of so many bytes, of random numbers (kind ``random``) or of numbers that count (``counting``)."""

    bytes: int
    kind: str
    #: From the end of the step's body to the start of the next step's.
    saving: float
    #: Until the next step has it.
    loading: float
    #: Of the saving task, in MB, above the array; None for counting ones.
    memory: float | None
    #: On disk.
    stored: int


def main() -> None:
    """Measure, and write the page's tables and plots."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=float, default=TASKS[-1], help="the most tasks")
    parser.add_argument("--bytes", type=float, default=BYTES[-1], help="the most bytes")
    options = parser.parse_args()
    # Beside other work the figures say little, so the page says how much there was.
    load = os.getloadavg()[0]
    floor = ", ".join(f"{name} {figure}" for name, figure in floors().items())
    workspace = Workspace.make(flowkit())
    try:
        base = statistics.median(workspace.python("hello.py", "run").seconds for _ in range(4))
        tasks = [_told(_many_tasks(workspace, count)) for count in TASKS if count <= options.tasks]
        sizes = [
            _told(_many_bytes(workspace, size, kind))
            for kind in ("random", "counting")
            for size in BYTES
            if size <= options.bytes
        ]
        version = workspace.tool.version()
    finally:
        workspace.remove()
    about = (
        f"FlowKit {version} on {time.strftime('%Y-%m-%d')}: {describe()}; a run of three steps takes "
        f"{1000 * base:.0f} ms. This machine at best: {floor}. Load average when this began: {load:.1f}"
        f"{'; other work ran beside, so that times are too long' if load > 1 else ''}."
    )
    write_page(HERE.parent / "docs" / "explanation", tasks, sizes, about)


def _told(point: Point) -> Point:
    sys.stderr.write(f"{point}\n")
    return point


def _many_tasks(workspace: Workspace, tasks: int) -> TasksPoint:
    """Medians of three, or one where it is long."""
    env = {"BENCH_TASKS": str(tasks)}
    times = 1 if tasks >= 10_000 else 3
    workspace.clear()
    runs = [workspace.watched("foreach.py", "run", *WORKERS, env=env) for _ in range(times)]
    files, stored = workspace.stored_files() // times, workspace.stored_bytes() // times
    read = [float(json.loads(workspace.python("read_tasks.py").stdout)["seconds"]) for _ in range(3)]
    resumed = [workspace.python("foreach.py", "resume", "join", *WORKERS, env=env).seconds for _ in range(times)]
    return TasksPoint(
        tasks,
        statistics.median(finished.seconds for finished, _ in runs),
        statistics.median(resumed),
        statistics.median(read),
        statistics.median(peak for _, peak in runs),
        files,
        stored,
    )


def _many_bytes(workspace: Workspace, size: int, kind: str) -> BytesPoint:
    env = {"BENCH_GIB": repr(size / GIB), "BENCH_KIND": kind}
    found: list[tuple[float, float]] = []
    # Once is not counted where it is short.
    for _ in range(2 if size >= GIB else 4):
        workspace.clear()
        workspace.python("big_array.py", "run", env=env)
        names = ("saving_from", "loading_from", "loaded_at")
        shown = json.loads(workspace.python("results.py", "BigArrayFlow", *names).stdout)
        found.append((shown["loading_from"] - shown["saving_from"], shown["loaded_at"] - shown["loading_from"]))
        stored = workspace.stored_bytes()
    saving, loading = (_median_but_first([one[index] for one in found]) for index in (0, 1))
    memory = _saving_memory(workspace, size) if kind == "random" else None
    workspace.clear()
    return BytesPoint(size, kind, saving, loading, memory, stored)


def _saving_memory(workspace: Workspace, size: int) -> float:
    workspace.clear()
    workspace.python("saving_memory.py", "run", env={"BENCH_GIB": repr(size / GIB), "BENCH_KIND": "array"})
    found = json.loads((workspace.path / "peak.json").read_text())
    return float(found["peak"] - found["size"]) / 1e6


def _median_but_first(figures: Sequence[float]) -> float:
    return statistics.median(figures[1:])


if __name__ == "__main__":
    main()
