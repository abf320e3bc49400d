"""What has a bound of its own rather than a ratio to reach: memory, files, bytes, and growth."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator

import attrs
from workspace import Workspace

__all__ = ["Bound", "measured"]

WORKERS = ("--max-workers", "2", "--max-num-splits", "100000")
#: A foreach of ten times as many should take ten times the time, within 15 %.
TASKS = 1000
RUNS = 20
DATA = 20_000_000
MB = 1000 * 1000


@attrs.frozen
class Bound:
    """One line of the table."""

    name: str
    unit: str
    flowkit: float
    #: FlowKit's figure should be this at most.
    limit: float
    #: None where FlowKit is measured alone.
    metaflow: float | None = None


@attrs.frozen
class Group:
    """Lines that are measured together."""

    name: str
    #: Takes FlowKit's workspace, Metaflow's, and the part of the full size to measure.
    run: Callable[[Workspace, Workspace, float], Iterator[Bound]]


def many_tasks(own: Workspace, _: Workspace, scale: float) -> Iterator[Bound]:
    """A foreach of 10,000 tasks beside one of 1,000."""
    few, many = int(TASKS * scale), int(10 * TASKS * scale)

    def run(tasks: int) -> tuple[float, float]:
        finished, peak = own.watched("foreach.py", "run", *WORKERS, env={"BENCH_TASKS": str(tasks)})
        return finished.seconds, peak

    def read() -> float:
        return statistics.median(float(json.loads(own.python("read_tasks.py").stdout)["seconds"]) for _ in range(3))

    own.clear()
    small = statistics.median(run(few)[0] for _ in range(3))
    read_small = read()
    own.clear()
    large, peak = run(many)
    name = f"foreach of {many:,}"
    yield Bound(f"{name}: time, beside that of {few:,}", "x", large / small, 11.5)
    yield Bound(f"{name}: memory of the launching process", "MB", peak, 250)
    yield Bound(f"{name}: files for each task", "", own.stored_files() / many, 2)
    read_large = read()
    yield Bound(f"client over {many:,} tasks: time, beside that over {few:,}", "x", read_large / read_small, 11.5)


def saving_memory(own: Workspace, other: Workspace, scale: float) -> Iterator[Bound]:
    """The most memory a task has after its step's body has ended, less the artifact."""

    def excess(workspace: Workspace, kind: str, gib: float, each: int) -> float:
        workspace.clear()
        workspace.python("saving_memory.py", "run", env={"BENCH_KIND": kind, "BENCH_GIB": str(gib)})
        found = json.loads((workspace.path / "peak.json").read_text())
        workspace.clear()
        return float(found["peak"] - found["size"] - each * found["objects"]) / MB

    for kind, gib, each, limit, name in (
        ("array", 1 * scale, 0, 100, "{:g} GB array: memory of the task that saves it, less the array"),
        (
            "object",
            2 * scale,
            50,
            200,
            "{:g} GB of dicts and strings: memory of the task, less them and 50 bytes for each object",
        ),
    ):
        own_figure, other_figure = (excess(workspace, kind, gib, each) for workspace in (own, other))
        yield Bound(name.format(gib), "MB", own_figure, limit, other_figure)


def same_data(own: Workspace, other: Workspace, scale: float) -> Iterator[Bound]:
    """Bytes on disk after some runs whose artifacts are equal."""
    size = int(DATA * scale)

    def stored(workspace: Workspace) -> float:
        workspace.clear()
        for _ in range(RUNS):
            workspace.python("same_data.py", "run", env={"BENCH_BYTES": str(size)})
        found = workspace.stored_bytes() / size
        workspace.clear()
        return found

    name = f"{RUNS} runs with the same {size / MB:g} MB: bytes stored, beside those {size / MB:g} MB"
    yield Bound(name, "x", stored(own), 1.1, stored(other))


def loading(own: Workspace, _: Workspace, scale: float) -> Iterator[Bound]:
    """How long a step waits for an array that the step before left."""
    gib = 1 * scale

    def load() -> float:
        own.clear()
        own.python("big_array.py", "run", env={"BENCH_GIB": str(gib), "BENCH_KIND": "random"})
        found = json.loads(own.python("results.py", "BigArrayFlow", "loading_from", "loaded_at").stdout)
        return 1000 * float(found["loaded_at"] - found["loading_from"])

    load()
    milliseconds = statistics.median(load() for _ in range(5))
    own.clear()
    yield Bound(f"{gib:g} GB random array: until the next step has it", "ms", milliseconds, 50)


GROUPS = (
    Group("load of an array", loading),
    Group("foreach of 10,000, and the client over it", many_tasks),
    Group("memory of a saving task", saving_memory),
    Group("20 runs with the same data", same_data),
)


def measured(own: Workspace, other: Workspace, scale: float, only: str | None) -> list[Bound]:
    """All groups, or those whose names contain a word."""
    found = []
    for group in GROUPS:
        if only is None or only in group.name:
            for bound in group.run(own, other, scale):
                sys.stderr.write(f"{bound.name}: {bound.flowkit:.2f} {bound.unit}\n")
                found.append(bound)
    return found
