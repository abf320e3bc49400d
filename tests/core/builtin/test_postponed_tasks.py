"""Tasks that wait on this machine for a fresh interpreter."""

from __future__ import annotations

from typing import Any, cast

import pytest

from flowkit.builtin.local_compute import LocalCompute
from flowkit.builtin.local_compute.running import RunningTask
from flowkit.interfaces.compute_backend import LaunchContext, TaskListener
from flowkit.model.task import RunSpec, StoreRef, TaskSpec

STORE = StoreRef("local", "x")
RUN = RunSpec("F", "f.py", "1", STORE, STORE, "u")


class Interpreters:
    """Takes note of the tasks that would be begun."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    def begin(self, task: RunningTask, _: str | None) -> None:
        self.begun.append(task.spec.task_id)


class Ends(TaskListener):
    """Takes note of the tasks that ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def task_started(self, *_: Any) -> None:
        """Nothing."""

    def task_output(self, *_: Any) -> None:
        """Nothing."""

    def task_secrets(self, *_: Any) -> None:
        """Nothing."""

    def task_ended(self, spec: TaskSpec, *_: Any) -> None:
        self.ended.append(spec.task_id)


@pytest.fixture
def backend() -> LocalCompute:
    """Two tasks run; three wait."""
    made: Any = LocalCompute()
    made._launch = LaunchContext(object, "f.py", (), 2)
    made._reactor = object()
    made._listener = Ends()
    made._spawned_tasks = Interpreters()
    for number in range(5):
        spec = TaskSpec(RUN, "work", str(number))
        task = RunningTask(spec, made._reactor, made._listener, made._forget)
        made._running[spec.task_id, spec.attempt] = task
        if number > 1:
            made._postponed.append((task, None))
    return cast(LocalCompute, made)


def spec_of(number: int) -> TaskSpec:
    return TaskSpec(RUN, "work", str(number))


def test_one_that_is_withdrawn_makes_no_room(backend: Any) -> None:
    for number in (2, 3, 4):
        backend.withdraw(spec_of(number))
    assert backend._listener.ended == ["2", "3", "4"]
    assert backend._spawned_tasks.begun == []


def test_one_that_ends_makes_room_for_one(backend: Any) -> None:
    backend._running["0", 0].ended(0)
    assert backend._spawned_tasks.begun == ["2"]
    backend.withdraw(spec_of(3))
    assert backend._spawned_tasks.begun == ["2"]
    backend._running["1", 0].ended(0)
    assert backend._spawned_tasks.begun == ["2", "4"]
