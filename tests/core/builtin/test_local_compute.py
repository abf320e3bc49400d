"""Tasks of this machine keep the contract of compute backends, whichever way they are started."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from flowkit.testing.compute import CONTRACT_FLOW, ComputeBackendContract
from flowkit.testing.compute_launcher import Launcher

LOCAL = "flowkit.builtin.local_compute:LocalCompute"
GRACE = MappingProxyType({"timeout_grace_seconds": 0.2})


class TestForked(ComputeBackendContract):
    backend = LOCAL
    arguments = GRACE
    options = MappingProxyType({"task_start": "auto"})

    def test_the_way_is_said(self, launcher: Launcher) -> None:
        spec = launcher.submit("start")
        assert launcher.info(spec)["start"] == "fork"
        assert launcher.explanations == ["tasks are forked from a process that has imported the flow"]

    def test_variables_need_a_fresh_interpreter_and_it_is_said_once(self, launcher: Launcher) -> None:
        for number in range(2):
            spec = launcher.submit("end", str(number), variables={"FLOWKIT_CONTRACT": "1"})
            assert launcher.info(spec)["start"] == "spawn"
        said = [line for line in launcher.explanations if "step end" in line]
        assert said == ["step end: fresh interpreters: environment variables are set for it (FLOWKIT_CONTRACT)"]

    def test_a_step_that_must_not_be_forked_gets_a_fresh_interpreter(self, launcher: Launcher) -> None:
        spec = launcher.submit("start", fork_safe=False)
        assert launcher.info(spec)["start"] == "spawn"
        assert launcher.outcome(spec).status == "succeeded"


class TestSpawned(ComputeBackendContract):
    backend = LOCAL
    arguments = GRACE
    options = MappingProxyType({"task_start": "spawn"})

    def test_the_way_is_said(self, launcher: Launcher) -> None:
        spec = launcher.submit("start")
        assert launcher.info(spec)["start"] == "spawn"
        assert launcher.explanations == ["tasks start in fresh interpreters: --task-start says so"]


@pytest.mark.parametrize("task_start", ["fork", "spawn"])
def test_the_process_that_ended_is_described(tmp_path: Path, task_start: str) -> None:
    with Launcher(tmp_path, CONTRACT_FLOW, LOCAL, task_start=task_start) as launcher:
        spec = launcher.submit("dies")
        outcome = launcher.outcome(spec)
        stderr = launcher.output(spec, "stderr").decode()
    assert outcome.failure is not None
    assert outcome.failure.message == "the task's process ended by signal 11 (segmentation fault)"
    assert stderr.endswith(f"{outcome.failure.message}\n")
    assert "in dies" in stderr  # where in the step's code it was
    assert outcome.peak_memory is not None
    assert outcome.peak_memory > 1_000_000
