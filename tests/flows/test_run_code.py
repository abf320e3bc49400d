"""The code of a run is stored with it, whatever became of the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from flowkit.builtin.sqlite_metadata import SQLiteMetadata
from flowkit.model.record import RunRecord
from support.need import need_program
from support.project import Project
from support.records import latest_run

FLOW = """
from dataclasses import dataclass
from flowkit import FlowSpec, Parameter, UserStepDecorator, FlowMutator, step
from helper import Thing

@dataclass
class Point:
    x: int

class needs_model(UserStepDecorator):
    def init(self, path):
        self.path = path

    def add_to_package(self):
        yield self.path, "models/model.bin"

class with_notes(FlowMutator):
    def add_to_package(self):
        yield "notes.txt", "notes.txt"

@with_notes
class CodeFlow(FlowSpec):
    fail = Parameter("fail", default=False)

    @needs_model("weights.bin")
    @step
    def start(self):
        self.point = Point(1)
        self.thing = Thing()
        self.next(self.end)

    @step
    def end(self):
        if self.fail:
            raise ValueError("told to")

if __name__ == "__main__":
    CodeFlow()
"""
FILES = ["flow.py", "helper.py", "models/model.bin", "notes.txt"]


@pytest.fixture
def flow(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("helper.py", "class Thing:\n    value = 7\n")
    project.write("weights.bin", "weights")
    project.write("notes.txt", "notes")
    return project


def the_run(project: Project) -> RunRecord:
    """The newest run."""
    run = latest_run(project, "CodeFlow")
    assert run is not None
    return run


def stored(project: Project) -> list[str]:
    return sorted(os.listdir(project.store / "CodeFlow/code"))


def client(project: Project, expression: str) -> str:
    """What an expression over the latest run is, in a program that isn't the flow."""
    program = f"from flowkit import Flow; run = Flow('CodeFlow').latest_run; print(({expression}))"
    return project.python("-c", program, check=True).stdout.strip()


def test_equal_code_is_stored_once_and_changed_code_beside_it(flow: Project) -> None:
    flow.run("run", check=True)
    first = the_run(flow)
    assert stored(flow) == [f"{first.code}.tar.gz"]
    assert json.loads(client(flow, "__import__('json').dumps(sorted(run.code.files()))")) == FILES
    flow.run("run", check=True)
    assert the_run(flow).code == first.code
    flow.write("helper.py", "class Thing:\n    value = 8\n")
    flow.run("run", "--fail", "true")
    second = the_run(flow)
    assert second.status == "failed"
    assert stored(flow) == sorted([f"{first.code}.tar.gz", f"{second.code}.tar.gz"])


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_what_was_stored_is_what_ran(flow: Project, start: str) -> None:
    flow.run("run", "--task-start", start, check=True)
    assert client(flow, "run.code.flowspec == open('flow.py').read()") == "True"
    assert client(flow, "run['end'].task.code == run.code, run.code.script_name") == "(True, 'flow.py')"


def test_values_are_read_though_the_code_is_gone(flow: Project) -> None:
    flow.run("run", check=True)
    for name in ("flow.py", "helper.py"):
        (flow.path / name).unlink()
    assert client(flow, "run['start'].task.data.point.x") == "1"
    assert client(flow, "run['start'].task.data.thing.value") == "7"


def test_a_class_that_was_removed_since_is_the_runs_own(flow: Project) -> None:
    flow.run("run", check=True)
    flow.write("flow.py", FLOW.replace("class Point", "class Other").replace("Point(1)", "Other(1)"))
    assert client(flow, "run['start'].task.data.point") == "Point(x=1)"


def test_without_code_a_class_that_is_gone_is_told(flow: Project) -> None:
    flow.run("run", check=True, env={"FLOWKIT_STORE_CODE": "false"})
    assert the_run(flow).code == ""
    assert not (flow.store / "CodeFlow/code").exists()
    assert client(flow, "run.code") == "None"
    (flow.path / "flow.py").unlink()
    done = flow.python("-c", "from flowkit import Flow; Flow('CodeFlow').latest_run['start'].task.data.point")
    assert "ArtifactError" in done.stderr


def test_a_copied_task_has_the_code_that_it_ran(flow: Project) -> None:
    flow.run("run", "--fail", "true")
    first = the_run(flow).code
    flow.write("flow.py", FLOW.replace("if self.fail:", "if False:"))
    flow.run("resume", check=True)
    second = the_run(flow).code
    assert first != second
    assert client(flow, "run['start'].task.code.hash, run['end'].task.code.hash") == str((first, second))


def test_facts_of_git_are_recorded_and_change_no_hash(flow: Project) -> None:
    need_program("git")
    flow.run("run", check=True)
    before = the_run(flow)
    assert "git" not in before.info
    me = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": os.environ["PATH"]}
    me |= {f"GIT_{who}_{what}": "me@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    for command in (
        "init -q -b main",
        "add flow.py helper.py",
        "commit -q -m all",
        "remote add origin https://me:secret@example.com/flows.git",
    ):
        subprocess.run(["git", *command.split()], cwd=flow.path, env=me, check=True)
    flow.run("run", check=True)
    run = the_run(flow)
    assert run.code == before.code
    assert (
        run.info["git"].items()
        >= {
            "branch": "main",
            "dirty": False,
            "remote": "https://example.com/flows.git",
        }.items()
    )
    assert "secret" not in str(run)
    assert client(flow, "run.code.info['git']['branch'], run.code.info['script']") == "('main', 'flow.py')"


# --- a run is none the worse for its code --------------------------------------------------------------------------


def failing(flow: Project) -> str:
    """Run, which must succeed; what it says of the code."""
    done = flow.run("run", check=True)
    assert the_run(flow).status == "succeeded"
    assert the_run(flow).code == ""
    [line] = [line for line in done.stderr.splitlines() if "the code of this run isn't stored" in line]
    assert "Traceback" not in done.stderr
    return line


def test_a_file_that_a_decorator_adds_is_gone(flow: Project) -> None:
    (flow.path / "weights.bin").unlink()
    assert "@needs_model adds" in failing(flow)


def test_a_decorator_fails(flow: Project) -> None:
    flow.write("flow.py", FLOW.replace('yield self.path, "models/model.bin"', "raise KeyError('no path')"))
    assert "@needs_model can't say what it adds to the package" in failing(flow)


def test_code_past_the_limit(flow: Project) -> None:
    flow.environment["FLOWKIT_CODE_MAX_SIZE"] = "0"
    assert "CODE_MAX_SIZE allows 0 bytes; the largest are" in failing(flow)


def test_code_whose_size_surprises_is_stored_and_told_in_each_run(flow: Project) -> None:
    flow.environment["FLOWKIT_CODE_WARN_SIZE"] = "0"
    for _ in range(2):
        done = flow.run("run", check=True)
        assert "packed; the largest are" in done.stderr
        assert the_run(flow).code


def test_a_store_that_takes_no_code(flow: Project) -> None:
    flow.run("run", check=True)
    code = flow.store / "CodeFlow/code"
    for file in code.iterdir():
        file.unlink()
    code.rmdir()
    code.write_text("a file where a folder should be")
    line = failing(flow)
    assert "CodeFlow/code" in line


def test_a_setting_that_is_wrong_is_told_before_anything_runs(flow: Project) -> None:
    done = flow.run("run", env={"FLOWKIT_STORE_CODE": "perhaps"})
    assert done.returncode == 2
    assert "FLOWKIT_STORE_CODE must be true or false" in done.stderr


def test_a_run_that_is_killed_has_its_code(flow: Project) -> None:
    flow.write("flow.py", FLOW.replace("if self.fail:", "__import__('time').sleep(60)\n        if self.fail:"))
    running = flow.popen("run")
    try:
        run = _wait_for_code(flow.store)
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
    assert the_run(flow).code == run.code
    assert stored(flow) == [f"{run.code}.tar.gz"]


def _wait_for_code(root: Path) -> RunRecord:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        metadata = SQLiteMetadata.open(str(root), read_only=True)
        try:
            for run in metadata.runs("CodeFlow").items:
                if run.code:
                    return run
        finally:
            metadata.close()
        time.sleep(0.05)
    raise AssertionError("no code was recorded")
