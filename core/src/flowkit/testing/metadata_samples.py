"""Records for tests of metadata providers."""

from __future__ import annotations

from typing import Any

import attrs

from flowkit.model.record import AttemptRecord, Metadatum, RunRecord, TaskRecord

__all__ = ["a_run", "a_task", "an_attempt", "some_tasks"]


def a_run(run_id: str = "1", flow: str = "TestFlow", **fields: Any) -> RunRecord:
    """A run with a value in each field; ``fields`` replace some."""
    run = RunRecord(
        flow=flow,
        run_id=run_id,
        username="tester",
        created_at=1000.25,
        heartbeat_at=1000.5,
        tags=("mine", "Zürich, 2 %_\"'/x"),
        system_tags=("user:tester", "runtime:dev"),
        datastore="local",
        datastore_root="/data/é",
        code="c0ffee",
        info={"plugins": {"a": "1.0"}, "argv": ["run", "--tag", "mine"]},
    )
    return attrs.evolve(run, **fields)


def a_task(task_id: str = "1", step: str = "start", run_id: str = "1", **fields: Any) -> TaskRecord:
    """A task with a value in each field; ``fields`` replace some."""
    task = TaskRecord(
        flow="TestFlow",
        run_id=run_id,
        step=step,
        task_id=task_id,
        created_at=1001.5,
        ordinal=int(task_id),
        status="succeeded",
        attempt=1,
        finished_at=1002.75,
        manifest=f"TestFlow/runs/{run_id}/{step}/{task_id}/1.json",
        index_path="3/0",
        frames=(("start", "1", "items", 3, 10), ("inner", "5", "more", 0, None)),
        iteration=2,
        key="start.1",
        parents=("start/1", "other/2"),
        origin_pathspec=f"TestFlow/0/{step}/{task_id}",
        metadata=(Metadatum("pid", "42", "pid", 1001.5, 1, ("attempt:1",)), Metadatum("note", "naïve \ud800 'x'")),
    )
    return attrs.evolve(task, **fields)


def an_attempt(attempt: int = 0, task_id: str = "1", step: str = "start", **fields: Any) -> AttemptRecord:
    """An attempt with a value in each field; ``fields`` replace some."""
    record = AttemptRecord(
        flow="TestFlow",
        run_id="1",
        step=step,
        task_id=task_id,
        attempt=attempt,
        status="failed",
        started_at=1001.5,
        finished_at=1002.5,
        manifest=f"TestFlow/runs/1/{step}/{task_id}/{attempt}.json",
        exit_code=-9,
        failure="ValueError: no\nsuch value",
        metadata=(Metadatum("pid", "42", "pid", 1001.5, attempt),),
    )
    return attrs.evolve(record, **fields)


def some_tasks(count: int, step: str = "work", run_id: str = "1", first: int = 1, **fields: Any) -> list[TaskRecord]:
    """Plain tasks of one step, one for each index of a foreach."""
    return [
        TaskRecord("TestFlow", run_id, step, str(first + i), 1001.0 + i, first + i, index_path=str(i), **fields)
        for i in range(count)
    ]
