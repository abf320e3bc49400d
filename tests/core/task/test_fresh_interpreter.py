"""A fresh interpreter runs the task that a specification in a file tells of."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.model.task import InputRef, RunSpec, StoreRef, TaskOutcome, TaskSpec
from flowkit.task.codec import outcome_from_json, spec_to_json

FLOW = """
import dataclasses, os, sys
from flowkit import FlowSpec, step

@dataclasses.dataclass
class Point:
    x: int

class PointFlow(FlowSpec):
    @step
    def start(self):
        self.point = Point(1)
        self.seen = __name__, __file__, sys.argv, sys.path[0], os.environ.get("FLOWKIT_TASK")
        self.next(self.end)

    @step
    def end(self):
        assert type(self.point) is Point
        self.point.x += 1
"""


def run(
    folder: Path, step: str, source: str, *inputs: InputRef, script: bool = False
) -> tuple[TaskOutcome, subprocess.CompletedProcess[str]]:
    file, spec, outcome = folder / "flow.py", folder / "spec.json", folder / "outcome.json"
    file.write_text(source)
    root = StoreRef("local", str(folder / "store"))
    task = TaskSpec(RunSpec("PointFlow", str(file), "7", root, root, "ann"), step, step, inputs=inputs)
    spec.write_bytes(spec_to_json(task))
    outcome.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, *(() if script else ("-m", "flowkit.task")), str(file)],
        env={**os.environ, "FLOWKIT_TASK": f"file:{spec}:{outcome}"},
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
    )
    return outcome_from_json(outcome.read_bytes()), done


def value(folder: Path, outcome: TaskOutcome, name: str) -> Any:
    store = ArtifactStore(LocalDatastore(str(folder / "store")), "PointFlow")
    assert outcome.manifest is not None
    return store.load(store.read_manifest(outcome.manifest).artifacts[name])


@pytest.mark.parametrize("call", ["", "PointFlow()", 'if __name__ == "__main__":\n    PointFlow()'])
def test_a_task_runs_with_or_without_a_call_at_the_file_s_end(tmp_path: Path, call: str) -> None:
    outcome, done = run(tmp_path, "start", FLOW + call)
    assert outcome.status == "succeeded", done.stderr
    assert done.returncode == 0
    file = str(tmp_path / "flow.py")
    assert value(tmp_path, outcome, "seen") == ("__main__", file, [file], str(tmp_path), None)


def test_the_script_itself_takes_a_task_too(tmp_path: Path) -> None:
    outcome, done = run(tmp_path, "start", FLOW + "PointFlow()", script=True)
    assert outcome.status == "succeeded", done.stderr


def test_a_class_of_the_flow_s_file_is_the_same_class_in_each_task(tmp_path: Path) -> None:
    start, _ = run(tmp_path, "start", FLOW)
    assert start.manifest is not None
    end, done = run(tmp_path, "end", FLOW, InputRef("start", "start", 0, start.manifest))
    assert end.status == "succeeded", done.stderr


def test_an_error_of_the_import_is_a_failure_with_the_user_s_frames(tmp_path: Path) -> None:
    outcome, done = run(tmp_path, "start", FLOW + "1 / 0\n")
    assert outcome.status == "failed"
    assert done.returncode == 1
    assert outcome.failure is not None
    assert outcome.failure.type == "ZeroDivisionError"
    assert done.stderr == outcome.failure.traceback
    assert "flow.py" in done.stderr
    assert "user_module" not in done.stderr


def test_a_flow_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    outcome, done = run(tmp_path, "start", FLOW.replace("PointFlow", "OtherFlow"))
    assert outcome.status == "failed"
    assert "no flow called 'PointFlow'" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_task_it_says_what_it_is(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "flowkit.task"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage" in done.stderr
