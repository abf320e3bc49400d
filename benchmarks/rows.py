"""What is measured, and how."""

from __future__ import annotations

import json
from collections.abc import Callable

from timing import Row
from workspace import Workspace

__all__ = ["ROWS"]

WORKERS = ("--max-workers", "2", "--max-num-splits", "100000")


def _import_time(workspace: Workspace) -> float:
    return float(workspace.python("import_time.py").stdout)


def _show(workspace: Workspace) -> float:
    return workspace.python("hello.py", "show").seconds


def _hello(workspace: Workspace) -> float:
    return workspace.python("hello.py", "run").seconds


def _results(flow: str, *names: str) -> Callable[[Workspace], object]:
    def check(workspace: Workspace) -> object:
        return json.loads(workspace.python("results.py", flow, *names).stdout)

    return check


def _foreach(file: str, tasks: int) -> Callable[[Workspace], float]:
    def run(workspace: Workspace) -> float:
        return workspace.python(file, "run", *WORKERS, env={"BENCH_TASKS": str(tasks)}).seconds

    return run


def _resume(workspace: Workspace) -> float:
    return workspace.python("foreach.py", "resume", "join", *WORKERS, env={"BENCH_TASKS": "1000"}).seconds


def _run_foreach_once(workspace: Workspace) -> None:
    """The run that is resumed and read: the one of the row before, unless this row is measured alone."""
    if workspace.python("results.py", "ForeachFlow", "total", check=False).stdout:
        return
    workspace.python("foreach.py", "run", *WORKERS, env={"BENCH_TASKS": "1000"})


def _read_tasks(workspace: Workspace) -> float:
    return float(json.loads(workspace.python("read_tasks.py").stdout)["seconds"])


def _small_artifacts(workspace: Workspace) -> float:
    return workspace.python("small_artifacts.py", "run").seconds


def _array(kind: str) -> Callable[[Workspace], float]:
    """From the end of the step that makes the array to the moment when the next step has it."""

    def run(workspace: Workspace) -> float:
        workspace.clear()
        workspace.python("big_array.py", "run", env={"BENCH_GIB": "1", "BENCH_KIND": kind})
        times = workspace.python("results.py", "BigArrayFlow", "saving_from", "loaded_at").stdout
        values = json.loads(times)
        return float(values["loaded_at"] - values["saving_from"])

    return run


def _card_seconds(workspace: Workspace) -> float:
    """What a card adds to a task: eight tasks one after another, with cards and without."""
    with_cards, without = (
        workspace.python("cards.py", "run", "--max-workers", "1", env={"BENCH_CARDS": has_cards}).seconds
        for has_cards in ("1", "0")
    )
    return max(with_cards - without, 0.001) / 8


def _card_kilobytes(workspace: Workspace) -> float:
    workspace.clear()
    workspace.python("cards.py", "run", env={"BENCH_CARDS": "1"})
    return max(file.stat().st_size for file in workspace.path.rglob("*.html")) / 1000


def _array_checksum(workspace: Workspace) -> object:
    return json.loads(workspace.python("results.py", "BigArrayFlow", "checksum").stdout)


ROWS = (
    Row("import the package", _import_time, 8, pairs=7),
    Row("`show`", _show, 2, pairs=5),
    Row("hello, 3 steps", _hello, 5, pairs=5, check=_results("HelloFlow", "message", "done")),
    Row("1,000 small artifacts in one step", _small_artifacts, 5, check=_results("SmallArtifactsFlow", "total")),
    Row(
        "foreach of 1,000 trivial tasks, 2 workers",
        _foreach("foreach.py", 1000),
        60,
        check=_results("ForeachFlow", "total"),
        long=True,
    ),
    Row("resume of that run at the join", _resume, 25, prepare=_run_foreach_once),
    Row("client over its 1,000 tasks", _read_tasks, 15, check=_results("ForeachFlow", "total")),
    Row(
        "foreach of 1,000 whose step imports pandas",
        _foreach("foreach_pandas.py", 1000),
        30,
        check=_results("ForeachPandasFlow", "total"),
        long=True,
    ),
    Row("what a card of text and a table adds to a task", _card_seconds, 3, pairs=5),
    Row("the size of that card", _card_kilobytes, 10, unit="kB", pairs=1),
    Row("1 GB random array, saved and loaded", _array("random"), 30, pairs=5, check=_array_checksum, long=True),
    Row("1 GB compressible array, saved and loaded", _array("counting"), 7, pairs=5, check=_array_checksum),
)
