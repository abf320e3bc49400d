"""Tasks of this machine keep the contract of compute backends, whichever way they are started."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from flowkit.model.task import InputRef
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


CLASSES = """
import dataclasses
from flowkit import FlowSpec, step

@dataclasses.dataclass
class Point:
    x: int

class ContractFlow(FlowSpec):
    @step
    def start(self):
        self.point = Point(1)
        self.next(self.middle)

    @step
    def middle(self):
        assert type(self.point) is Point
        self.point.x += 1
        self.next(self.end)

    @step
    def end(self):
        assert type(self.point) is Point
        print(self.point)
"""


@pytest.mark.parametrize("ways", [("fork", "spawn", "fork"), ("spawn", "fork", "spawn")])
def test_a_class_of_the_flow_s_file_passes_between_the_ways(tmp_path: Path, ways: tuple[str, str, str]) -> None:
    inputs: tuple[InputRef, ...] = ()
    with Launcher(tmp_path, CLASSES, LOCAL) as launcher:
        for step, way in zip(("start", "middle", "end"), ways, strict=True):
            spec = launcher.submit(step, step, inputs=inputs, fork_safe=way == "fork")
            outcome = launcher.outcome(spec)
            assert outcome.status == "succeeded", launcher.output(spec, "stderr")
            assert outcome.manifest is not None
            assert launcher.info(spec)["start"] == way
            inputs = (InputRef(step, step, 0, outcome.manifest),)
        assert launcher.output(spec) == b"Point(x=2)\n"


def test_a_small_forked_task_imports_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPROFILEIMPORTTIME", "1")
    with Launcher(tmp_path, CLASSES, LOCAL) as launcher:
        spec = launcher.submit("start")
        assert launcher.outcome(spec).status == "succeeded"
        assert launcher.output(spec, "stderr").decode() == ""


def test_what_a_task_changes_stays_in_its_process(tmp_path: Path) -> None:
    flow = CLASSES.replace("self.point = Point(1)", "print(getattr(Point, 'mark', None)); Point.mark = 1")
    with Launcher(tmp_path, flow, LOCAL) as launcher:
        for number in range(2):
            spec = launcher.submit("start", str(number))
            launcher.outcome(spec)
            assert launcher.output(spec) == b"None\n"


@pytest.mark.parametrize("task_start", ["fork", "spawn"])
def test_secrets_are_told_before_the_output(tmp_path: Path, task_start: str) -> None:
    (tmp_path / "flowkit_plugins.py").write_text(
        "from flowkit.plugin import *\n"
        "class Tell(StepDecorator):\n"
        "    name = 'tell'\n"
        "    def around(self, run, context):\n"
        "        context.add_secrets(['sesame'])\n"
        "        run()\n"
        "@hookimpl\n"
        "def flowkit_step_decorators():\n"
        "    yield Provider('tell', lambda: Tell)\n"
    )
    flow = CLASSES.replace("    @step\n    def end", "    @tell\n    @step\n    def end")
    flow = flow.replace("FlowSpec, step", "FlowSpec, step, tell").replace("print(self.point)", "print('sesame')")
    flow = flow.replace("        assert type(self.point) is Point\n", "")
    with Launcher(tmp_path, flow, LOCAL, task_start=task_start) as launcher:
        spec = launcher.submit("end")
        assert launcher.outcome(spec).status == "succeeded", launcher.output(spec, "stderr")
    kinds = [one["event"] for one in launcher.events if one.get("task") == "1"]
    assert kinds.index("secrets") < kinds.index("output")
    assert next(one["values"] for one in launcher.events if one["event"] == "secrets") == ["sesame"]
