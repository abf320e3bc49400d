"""Reading 10,000 tasks takes a question for each page of them, a file for what each stored, and a page's memory."""

from __future__ import annotations

import sqlite3
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.client import Step, metadata, namespace
from support.recorded_run import FLOW, RecordedRun, graph

TASKS = 10_000
PAGES = 10


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose step ``work`` has 10,000 tasks."""
    root = tmp_path_factory.mktemp("many") / ".flowkit"
    root.mkdir()
    run = RecordedRun(root, info={"flow_file": str(root / "flow.py")})
    run.parameters(graph(start=("work",), work=("end",), end=()))
    run.task("start", {"items": 1}, next_steps=("work",))
    run.many("work", TASKS)
    run.end()
    return root


class Counted:
    """What was asked of the database, and read from the store, by the kind of object."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.reads: Counter[str] = Counter()


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    connect, get = sqlite3.connect, LocalDatastore.get

    def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(counted.statements.append)
        return connection

    def counting(store: LocalDatastore, key: str, *rest: Any) -> bytes:
        counted.reads[key.rpartition(".")[2]] += 1
        return get(store, key, *rest)

    monkeypatch.setattr(sqlite3, "connect", traced)
    monkeypatch.setattr(LocalDatastore, "get", counting)
    return counted


@pytest.fixture
def step(records: Path, counted: Counted) -> Step:
    metadata(f"local@{records}")
    namespace(None)
    step = Step(f"{FLOW}/1/work")
    counted.statements.clear()
    return step


def read_all(step: Step, what: Callable[[Any], Any]) -> list[Any]:
    return [what(task) for task in step]


@pytest.mark.parametrize(
    ("what", "reads"),
    [
        (lambda task: task.id, {}),
        (lambda task: task.data.out, {"json": TASKS}),
        (lambda task: task.metadata_dict["pid"], {}),
        (lambda task: task.metadata, {}),
        (lambda task: task.stdout, {"log": TASKS}),
        (lambda task: (task.finished, task.index, task.created_at, task.finished_at, repr(task)), {}),
        (
            lambda task: (task.artifacts, task.successful, task.exception, task.stdout_size),
            {"json": TASKS, "log": TASKS},
        ),
    ],
    ids=["list", "artifact", "metadata_dict", "metadata", "logs", "facts", "all"],
)
def test_a_question_for_each_page(step: Step, counted: Counted, what: Callable[[Any], Any], reads: Any) -> None:
    assert len(read_all(step, what)) == TASKS
    assert len(counted.statements) <= PAGES + 1, counted.statements[-2:]
    assert counted.reads == reads


def test_a_step_by_its_name_is_one_question(step: Step, counted: Counted) -> None:
    run = step.parent
    assert run["work"] == step
    assert len(counted.statements) == 1
    assert counted.reads == {}
    counted.statements.clear()
    # Not recorded: the manifest tells of it.
    parameters = run["_parameters"]
    assert len(counted.statements) <= 1
    assert counted.reads == {"json": 1}
    assert [task.id for task in parameters] == ["0"]


def test_values_are_those_of_their_tasks(step: Step) -> None:
    values = read_all(step, lambda task: (task.data.out, task.stdout, task.metadata_dict["foreach-stack"]))
    assert values == [(place, f"line {place}\n", [f"items={place}"]) for place in reversed(range(TASKS))]


@pytest.mark.parametrize(
    ("conditions", "matching", "statements", "reads"),
    [
        ({"input": 1234}, 1, 1, 0),
        ({"input": "none of them"}, 0, 1, 0),
        ({"metadata": {"pid": 3}}, 1429, 2, 0),
        ({"metadata": {"pid": 3}, "artifacts": {"out": 10}}, 1, 2, 1429),
        ({"input": 17, "artifacts": {"out": lambda value: value == 17}}, 1, 1, 1),
        ({"attempt": 1}, 0, 1, 0),
        ({"index": 4321}, 1, PAGES, 0),
        ({"artifacts": {"out": 5000}}, 1, PAGES, TASKS),
    ],
)
def test_finding_a_few_reads_few(
    step: Step, counted: Counted, conditions: Any, matching: int, statements: int, reads: int
) -> None:
    tasks = step.where(**conditions)
    assert tasks.count() == matching
    assert len(counted.statements) <= statements + 1, counted.statements[-2:]
    assert counted.reads["json"] == reads


def test_the_first_is_found_without_the_rest(step: Step, counted: Counted) -> None:
    assert step.task is not None
    assert step.where(status="succeeded")[0] == step.task
    assert len(counted.statements) <= 4
    assert counted.reads == {}


def test_memory_does_not_grow_with_the_number(step: Step) -> None:
    peaks: list[int] = []
    tracemalloc.start()
    try:
        for number, task in enumerate(step, 1):
            assert task.data.out is not None
            assert task.metadata_dict
            if number % 2500 == 0:
                peaks.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    # Two pages at most, whichever they are.
    assert peaks[-1] < 1.1 * peaks[0]
    assert peaks[-1] < 24 * 1024 * 1024
