"""Tasks by what they were given, how they went and what they stored."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
import pytest

from flowkit.artifacts.items import load_item
from flowkit.client import Flow, Run, Step, Task
from flowkit.client.conditions import ANY
from flowkit.model.record import Metadatum, TaskRecord
from support.recorded_foreach import a_foreach, found
from support.recorded_run import FLOW, RecordedRun

LONG = "s3://bucket/a/very/long/prefix/that/all/share/"


class Unhelpful:
    """A value that any other equals, and whose truth can't be told."""

    def __eq__(self, other: object) -> Any:
        raise ValueError("no")

    __hash__ = object.__hash__


@pytest.fixture
def work(run: RecordedRun) -> Step:
    a_foreach(run, ["a", "b", 3, "3", 2.5, True, f"{LONG}1", f"{LONG}2", (1, "x"), None, {"k": {1, 2}}])
    return Step(f"{FLOW}/1/work")


@pytest.mark.parametrize(
    ("value", "places"),
    [
        ("a", [0]),
        ("c", []),
        # As text and numbers are shown: what is given on a command line finds the number.
        (3, [2, 3]),
        ("3", [2, 3]),
        (2.5, [4]),
        (True, [5]),
        (f"{LONG}2", [7]),
        (f"{LONG}3", []),
        ((1, "x"), [8]),
        ([1, "x"], []),
        (None, [9]),
        ({"k": {2, 1}}, [10]),
        (Unhelpful(), []),
        (lambda item: isinstance(item, str), [0, 1, 3, 6, 7]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_by_the_item(work: Step, value: Any, places: list[int]) -> None:
    assert found(work.where(input=value)) == places


def test_numbers_of_numpy_are_found_as_numbers(run: RecordedRun) -> None:
    a_foreach(run, list(np.arange(3)))
    assert found(Step(f"{FLOW}/1/work").where(input=2)) == [2]


def test_by_an_item_that_metadata_does_not_show(run: RecordedRun) -> None:
    a_foreach(run, ["a", "b", "a", 1], known=False)
    step = Step(f"{FLOW}/1/work")
    assert found(step.where(input="a")) == [0, 2]
    assert found(step.where(input=1)) == [3]
    assert found(step.where(input="#1")) == []


def test_no_item_is_loaded_that_metadata_shows(work: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counted(ref: Any, number: int, *rest: Any) -> Any:
        read.append(number)
        return load_item(ref, number, *rest)

    monkeypatch.setattr("flowkit.artifacts.items.load_item", counted)
    assert found(work.where(input="a")) == [0]
    assert read == []
    # Those that are cut alike, and no other.
    assert found(work.where(input=f"{LONG}1")) == [6]
    assert sorted(read) == [6, 7]


def test_nodes_of_a_parallel_step(run: RecordedRun) -> None:
    start = run.task("start", next_steps=("work",))
    for node in range(3):
        frames = (("start", start.task_id, "", node, 3),)
        told = (Metadatum("foreach-stack", f'["num_parallel={node}"]'),)
        run.task("work", index_path=str(node), frames=frames, metadata=told if node else ())
    step = Step(f"{FLOW}/1/work")
    assert [found(step.where(input=node)) for node in range(4)] == [[0], [1], [2], []]


def test_the_innermost_item_counts(run: RecordedRun) -> None:
    for number, stack in enumerate((["x=a", "y=b"], ["x=b", "y=a"])):
        frames = (("start", "1", "x", number, 2), ("middle", "1", "y", 0, 1))
        told = (Metadatum("foreach-stack", json.dumps(stack)),)
        run.task("work", index_path=f"{number}/0", frames=frames, metadata=told)
    run.task("work", metadata=(Metadatum("foreach-stack", "[]"),))
    assert [task.id for task in Step(f"{FLOW}/1/work").where(input="a")] == ["2"]


def test_by_position_status_and_attempt(run: RecordedRun) -> None:
    for index, (status, attempt) in enumerate(
        [("succeeded", 0), ("failed", 2), ("running", 1), ("cancelled", 0), ("succeeded", 1)]
    ):
        run.task("work", status=status, attempt=attempt, frames=(("start", "9", "x", index, 5),), index_path=str(index))
    step = Step(f"{FLOW}/1/work")
    assert found(step.where(index=3)) == [3]
    assert found(step.where(status="succeeded")) == [0, 4]
    assert found(step.where(status="failed")) == [1]
    assert found(step.where(status="running", attempt=1)) == [2]
    assert found(step.where(attempt=1)) == [2, 4]
    assert found(step.where(attempt=1).where(status="succeeded")) == [4]
    assert found(step.where(status="failed").where(status="succeeded")) == []


def test_a_status_that_there_is_not(run: RecordedRun) -> None:
    run.task("work")
    with pytest.raises(ValueError, match="succeeded, failed, cancelled, and is 'ok'"):
        Step(f"{FLOW}/1/work").where(status="ok")  # type: ignore[arg-type]


def test_the_status_is_the_one_that_is_shown(run: RecordedRun) -> None:
    """The launching process was killed: of two tasks that ran then, one had stored all that it was to."""
    for index in range(3):
        run.task("work", status="running", frames=(("start", "9", "x", index, 3),), index_path=str(index))
    run.manifest("work", "2", 0, {"out": 1}, finished_at=time.time())
    step = Step(f"{FLOW}/1/work")
    assert found(step.where(status="running")) == [0, 1, 2]
    run.change(heartbeat_at=time.time() - 1000)
    step = Step(f"{FLOW}/1/work")
    assert found(step.where(status="running")) == []
    assert found(step.where(status="succeeded")) == [1]
    assert found(step.where(status="failed")) == [0, 2]


def test_by_metadata(run: RecordedRun, work: Step) -> None:
    assert found(work.where(metadata={"pid": "1"})) == [1, 3, 5, 7, 9]
    assert found(work.where(metadata={"pid": 1}).where(input="b")) == [1]
    assert found(work.where(metadata={"pid": "1"}).where(metadata={"pid": "0"})) == []
    assert found(work.where(metadata={"pid": "7"})) == []
    # What isn't recorded, and shown all the same.
    assert len(found(work.where(metadata={"attempt": 0, "ds-type": "local", "attempt_ok": "True"}))) == 11
    assert found(work.where(metadata={"foreach-stack": ["items=b"]})) == [1]
    assert found(work.where(metadata={"attempt": "1"})) == []
    assert found(work.where(metadata={"origin-task-id": "1"})) == []


def test_by_metadata_of_an_earlier_attempt(run: RecordedRun) -> None:
    task = run.task("work", attempt=0, status="failed", metadata=(Metadatum("pid", "7"),))
    run.metadata.write([attrs_evolve(task, attempt=1, status="succeeded", metadata=(Metadatum("pid", "8"),))])
    step = Step(f"{FLOW}/1/work")
    assert step.where(metadata={"pid": "7"}).where(metadata={"pid": "8"}).count() == 1


def attrs_evolve(task: TaskRecord, **fields: Any) -> TaskRecord:
    import attrs

    return attrs.evolve(task, **fields)


@pytest.mark.parametrize(
    ("name", "value", "places"),
    [
        ("score", 0.5, [0]),
        ("score", 1, [1, 2, 3]),
        ("score", 1.0, [1, 2, 3]),
        ("score", lambda score: score > 0.75, [1, 2, 3, 4]),
        ("score", 0.9, [4]),
        ("score", "0.5", []),
        ("score", float("inf"), []),
        ("kind", "k0", [0]),
        ("kind", "k", []),
        ("tags", {"c", "b", "a"}, [0, 1, 2, 3, 4]),
        ("tags", ["a", "b", "c"], []),
        ("none", None, [0, 1, 2, 3, 4]),
        ("array", np.arange(4), [4]),
        ("large", "x" * 3_000_000, [2]),
        ("nothing", None, []),
        ("_hidden", 7, [0, 1, 2, 3, 4]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_by_an_artifact(run: RecordedRun, name: str, value: Any, places: list[int]) -> None:
    scores = [0.5, 1, 1.0, True, np.float64(0.9)]
    a_foreach(
        run,
        list(range(5)),
        lambda number: {
            "score": scores[number],
            "kind": f"k{number}",
            "tags": {"a", "b", "c"},
            "none": None,
            "array": np.arange(number),
            "large": "x" * (2_999_998 + number),
            "_hidden": 7,
        },
    )
    assert found(Step(f"{FLOW}/1/work").where(artifacts={name: value})) == places


def test_artifacts_of_tasks_that_failed_or_run_are_not_found(run: RecordedRun) -> None:
    run.task("work", {"x": 1}, status="failed")
    run.task("work", status="running")
    run.task("work", {"x": 1})
    assert [task.id for task in Run(f"{FLOW}/1").where(artifacts={"x": 1})] == ["3"]


class TestSequence:
    """What was found is found again, narrowed, and read no further than it must be."""

    def test_it_is_lazy_and_fresh(self, run: RecordedRun) -> None:
        run.task("work")
        tasks = Step(f"{FLOW}/1/work").where(status="succeeded")
        assert tasks.count() == 1
        run.task("work")
        assert [task.id for task in tasks] == ["2", "1"]

    def test_places_and_slices(self, run: RecordedRun) -> None:
        for _ in range(5):
            run.task("work")
        tasks = Run(f"{FLOW}/1").where()
        ids = ["5", "4", "3", "2", "1"]
        assert [tasks[place].id for place in range(-5, 5)] == [ids[place] for place in range(-5, 5)]
        for cut in (slice(2), slice(1, None), slice(None, None, 2), slice(-2, None), slice(None, None, -1)):
            assert [task.id for task in tasks[cut]] == ids[cut]
        for place in (5, -6):
            with pytest.raises(IndexError):
                tasks[place]
        assert tasks.first == Task(f"{FLOW}/1/work/5")

    def test_nothing_is_false(self, run: RecordedRun) -> None:
        run.task("work")
        assert Run(f"{FLOW}/1").where(attempt=0)
        assert not Run(f"{FLOW}/1").where(attempt=1)
        assert Run(f"{FLOW}/1").where(attempt=1).first is None

    def test_a_run_searches_all_steps(self, run: RecordedRun) -> None:
        for step in ("_parameters", "start", "work"):
            run.task(step)
        assert [task.pathspec for task in Run(f"{FLOW}/1").where()] == [f"{FLOW}/1/work/3", f"{FLOW}/1/start/2"]

    def test_it_shows_what_was_asked_and_reads_nothing(self, run: RecordedRun) -> None:
        run.task("work")
        step = Step(f"{FLOW}/1/work")
        run.metadata.file.unlink()
        tasks = step.where(input="a").where(status="failed", metadata={"pid": 1})
        assert repr(tasks) == f"<Tasks of {FLOW}/1/work.where(input='a').where(status='failed', metadata={{'pid': 1}})>"
        assert repr(ANY) == "ANY"
        assert repr(step.where(input=None)).endswith(".where(input=None)>")

    def test_from_the_flow(self, run: RecordedRun) -> None:
        a_foreach(run, ["a", "b"])
        latest = Flow(FLOW).latest_run
        assert latest is not None
        found_task = latest["work"].where(input="b").first
        assert found_task is not None
        assert found_task.data.out == "b"
