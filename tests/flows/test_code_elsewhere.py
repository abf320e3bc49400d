"""A backend whose tasks see neither the flow's files nor an installed FlowKit: both come from the datastore."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path

import pytest

from support.project import Project
from support.records import latest_run, tasks_of

FLOW = """
from dataclasses import dataclass
from flowkit import FlowSpec, step
import helper

@dataclass
class Point:
    x: int

class AwayFlow(FlowSpec):
    @step
    def start(self):
        import flowkit, sys
        self.where = flowkit.__file__, helper.__file__, __file__
        self.point = Point(helper.three())
        print("out of start")
        self.next(self.end)

    @step
    def end(self):
        assert self.point == Point(3)

if __name__ == "__main__":
    AwayFlow()
"""
#: Everything runs in folders of its own, by an interpreter without site-packages: what it needs is put on its path.
PLUGIN = """
import os, subprocess, sys, tempfile, threading
from pathlib import Path
import attrs
from flowkit.plugin import ComputeBackend, Provider, StepDecorator, TaskOutcome, code_key, hookimpl, unpack_script
from flowkit.task.codec import outcome_from_json, spec_to_json

class Away(ComputeBackend):
    name = "away"
    needs_code = True

    def start(self, reactor, listener):
        self.reactor, self.listener = reactor, listener

    def submit(self, spec):
        folder = Path(tempfile.mkdtemp(dir=os.environ["AWAY"]))
        (folder / "unpack.py").write_text(unpack_script())
        root = Path(spec.run.datastore.root)
        archives = []
        for sha256, name in ((spec.run.extra["framework_code"], "framework"), (spec.run.code, "code")):
            archives += [str(root / code_key(spec.run.flow, sha256)), sha256, name]
        flow_file = str(folder / "code" / Path(spec.run.flow_file).name)
        there = attrs.evolve(spec, run=attrs.evolve(spec.run, flow_file=flow_file))
        (folder / "spec").write_bytes(spec_to_json(there))
        command = [sys.executable, "-S", "-m", "flowkit.task", flow_file]
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "unpack.py", *archives, "--", *command], cwd=folder,
            env={"PYTHONPATH": os.environ["PACKAGES"], "FLOWKIT_TASK": "file:spec:outcome", "PATH": "/usr/bin:/bin",
                 "HOME": str(folder)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        self.listener.task_started(spec, {"pid": str(process.pid)})

        def wait():
            output, _ = process.communicate()
            def report():
                self.listener.task_output(spec, "stdout", 0.0, output)
                try:
                    outcome = outcome_from_json((folder / "outcome").read_bytes())
                except OSError:
                    outcome = TaskOutcome("crashed", exit_code=process.returncode)
                self.listener.task_ended(spec, outcome)
            self.reactor.call_soon_threadsafe(report)

        threading.Thread(target=wait).start()

    def cancel(self, spec, *, force=False):
        pass

    def close(self):
        pass

class GoAway(StepDecorator):
    name = "go_away"

    def plan(self, spec):
        return attrs.evolve(spec, backend="away")

@hookimpl
def flowkit_compute_backends():
    yield Provider("away", lambda: Away)

@hookimpl
def flowkit_step_decorators():
    yield Provider("go_away", lambda: GoAway)
"""


@pytest.fixture
def away(project: Project, tmp_path: Path) -> Project:
    """A project with the plugin beside the flow, and a folder for what tasks unpack."""
    folder = tmp_path / "away"
    folder.mkdir()
    project.environment["AWAY"] = str(folder)
    # What FlowKit depends on is there; FlowKit isn't, or comes second: without site, no .pth file counts.
    project.environment["PACKAGES"] = sysconfig.get_path("purelib")
    project.write("flow.py", FLOW)
    project.write("helper.py", "def three():\n    return 3\n")
    project.write("flowkit_plugins.py", PLUGIN)
    return project


def test_tasks_run_from_the_archives(away: Project, tmp_path: Path) -> None:
    done = away.run("run", "--with", "go_away", check=True)
    assert "out of start" in done.stdout
    run = latest_run(away, "AwayFlow")
    assert run is not None
    assert run.archives == (run.code, run.info["framework_code"])
    assert {f"{one}.tar.gz" for one in run.archives} == set(os.listdir(away.store / "AwayFlow/code"))
    assert {task.status for task in tasks_of(away, run)} >= {"succeeded"}
    program = "from flowkit import Flow; print(*Flow('AwayFlow').latest_run['start'].task.data.where, sep='\\n')"
    places = away.python("-c", program, check=True).stdout.split()
    assert [Path(place).parts[-2:] for place in places] == [
        ("flowkit", "__init__.py"),
        ("code", "helper.py"),
        ("code", "flow.py"),
    ]
    assert all(place.startswith(str(tmp_path / "away")) for place in places)


def test_a_run_whose_code_cannot_be_stored_does_not_start(away: Project) -> None:
    done = away.run("run", "--with", "go_away", env={"FLOWKIT_CODE_MAX_SIZE": "0"})
    assert done.returncode == 1
    assert "Code package: the code in " in done.stderr
    assert not list(Path(away.environment["AWAY"]).iterdir())
    run = latest_run(away, "AwayFlow")
    assert run is not None
    assert run.status == "failed"


def test_the_setting_that_stores_no_code_is_not_for_tasks_that_need_it(away: Project) -> None:
    away.run("run", "--with", "go_away", env={"FLOWKIT_STORE_CODE": "false"}, check=True)
