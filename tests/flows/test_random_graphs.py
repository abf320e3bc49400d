"""Random valid graphs, run for real: the same tasks with the same inputs as in the scheduler alone."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from flowkit.engine.scheduler import Scheduler
from support.flow_source import to_source
from support.graphs import Block, Builder, rows, to_graph
from support.project import Project
from support.records import latest_run, tasks_of, trace_of
from support.simulation import Simulation


def check_for_real(row: list[Block], folder: Path) -> None:
    steps = Builder().build(row)
    alone = Simulation(steps, Scheduler(to_graph(steps)), seed=0)
    alone.run()
    project = Project.make(folder)
    project.write("flow.py", to_source(steps))
    project.run("run", "--max-workers", "2", check=True)
    run = latest_run(project, "RandomFlow")
    assert run is not None
    assert run.status == "succeeded"
    tasks = tasks_of(project, run)
    assert all(task.status == "succeeded" for task in tasks)
    expected = alone.trace()
    # The start task's input is the run's parameters, which the scheduler doesn't know of.
    assert trace_of(tasks) == expected


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_every_construct_within_every_other(tmp_path: Path, start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWKIT_TASK_START", start)
    step = Block("step")
    loop = Block("loop", [[Block("split", [[step], [step]])]], 2)
    switch = Block("switch", [[step], [Block("foreach", [[step]], 2)]], 1)
    check_for_real([Block("foreach", [[loop, switch]], 2)], tmp_path)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=rows(2))
def test_random_graphs_run_as_the_scheduler_says(tmp_path: Path, row: list[Block]) -> None:
    check_for_real(row, Path(tempfile.mkdtemp(dir=tmp_path)))


@pytest.mark.long
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=rows(3))
def test_many_random_graphs_run_as_the_scheduler_says(tmp_path: Path, row: list[Block]) -> None:
    check_for_real(row, Path(tempfile.mkdtemp(dir=tmp_path)))
