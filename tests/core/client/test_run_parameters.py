"""What a run started from, as the step ``_parameters`` and its task ``0``."""

from __future__ import annotations

import pickle
from datetime import datetime

import pytest

from flowkit.client import DataArtifact, Run, Step, Task
from flowkit.errors import ChildNotFound, NotFound
from flowkit.model.collected import mark_collected
from support.recorded_run import FLOW, RecordedRun, graph

RUN = f"{FLOW}/1"
STEP = f"{RUN}/_parameters"
TASK = f"{STEP}/0"


@pytest.fixture
def begun(run: RecordedRun) -> RecordedRun:
    """A run that has come to its first step."""
    run.parameters(graph(first=("last",), last=()) | {"start_step": "first"}, lr=0.5, name="x")
    run.task("first", status="running")
    return run


def test_by_name_and_by_pathspec_while_the_run_runs(begun: RecordedRun) -> None:
    run = Run(RUN)
    assert not run.finished
    assert "_parameters" in run
    task = run["_parameters"].task
    assert task is not None
    assert (task.data.lr, task["name"].data) == (0.5, "x")
    assert [artifact.id for artifact in task] == ["lr", "name"]
    assert task == Task(TASK) == Step(STEP).task == run["_parameters"]["0"]
    assert list(Step(STEP)) == list(Step(STEP).where(status="succeeded", metadata={"user": "tester"})) == [task]
    assert "0" in Step(STEP)
    assert Task(TASK, attempt=0).data.lr == DataArtifact(f"{TASK}/lr").data == 0.5
    assert pickle.loads(pickle.dumps(task)).data.lr == 0.5
    assert (task.parent, task.parent.parent) == (Step(STEP), run)


def test_no_listing_has_it(begun: RecordedRun) -> None:
    run = Run(RUN)
    assert [step.id for step in run] == ["first"]
    assert [task.parent.id for task in run.where()] == ["first"]
    assert list(run["first"].parent_steps) == list(Task(f"{RUN}/first/1").parent_tasks) == []
    assert list(run["_parameters"].child_steps) == list(run["_parameters"].parent_steps) == []
    assert list(Task(TASK).child_tasks) == list(Task(TASK).parent_tasks) == []


def test_what_it_says_of_itself(begun: RecordedRun) -> None:
    task = Task(TASK)
    assert (task.successful, task.finished, task.exception) == (True, True, None)
    assert (task.stdout, task.stderr, list(task.loglines("stdout"))) == ("", "", [])
    assert (task.index, task.current_attempt, task.origin_pathspec, task.runtime_name) == (None, 0, None, "dev")
    assert task.tags == Run(RUN).tags
    assert Step(STEP).control_task is None
    assert task.metadata_dict.items() >= {
        ("user", "tester"),
        ("attempt-done", "0"),
        ("start_step", "first"),
        ("end_step", "last"),
    }
    begun.manifest("_parameters", "0", 0, {}, started_at=100.0, finished_at=101.0)
    assert Step(STEP).created_at == Task(TASK).created_at == datetime.fromtimestamp(100.0)
    assert Step(STEP).finished_at == Task(TASK).finished_at == datetime.fromtimestamp(101.0)


def test_there_is_one_task_with_one_attempt(begun: RecordedRun) -> None:
    with pytest.raises(NotFound, match="has no attempt 1; its attempts are 0"):
        Task(TASK, attempt=1)
    with pytest.raises(NotFound, match="there is no task"):
        Task(f"{STEP}/1")
    with pytest.raises(ChildNotFound, match="has no task '1'; the tasks are '0'"):
        Step(STEP)["1"]


def test_a_run_without_parameters_says_why(run: RecordedRun) -> None:
    assert "_parameters" not in Run(RUN)
    with pytest.raises(ChildNotFound, match=f"has no step '_parameters': its parameters are not in {run.root}"):
        Run(RUN)["_parameters"]
    with pytest.raises(NotFound, match="there is no task"):
        Task(TASK)
    run.change(info=mark_collected(run.record, 0.0).info)
    with pytest.raises(NotFound, match="its parameters are collected by flowkit gc on 19"):
        Step(STEP)
