"""A file ``flowkit_plugins.py`` beside a flow is a plugin, wherever the flow's parts run and are read."""

from __future__ import annotations

import json

import pytest

from support.project import Project
from support.records import latest_run

FLOW = """
import os
from flowkit import FlowSpec, step, shout
from flowkit_plugins import Point

class PointFlow(FlowSpec):
    @shout(word="hey")
    @step
    def start(self):
        self.point = Point(1, 2)
        self.pid = os.getpid()
        self.blocked = os.environ.get("FLOWKIT_NO_PLUGIN")
        self.next(self.end)

    @step
    def end(self):
        assert self.point == Point(1, 2)
        if os.path.exists("fail"):
            raise ValueError("told to")

if __name__ == "__main__":
    PointFlow()
"""
PLUGIN = """
import sys
from dataclasses import dataclass
from flowkit.plugin import Provider, Serialized, Serializer, StepDecorator, hookimpl

@dataclass
class Point:
    x: int
    y: int

    def __reduce__(self):
        raise TypeError("a point is never pickled")

class Points(Serializer):
    name = "points"

    def serialize(self, value):
        return Serialized(f"{value.x} {value.y}".encode())

    def deserialize(self, payload, buffers, info):
        return Point(*map(int, bytes(payload).split()))

class Shout(StepDecorator):
    name = "shout"
    defaults = {"word": ""}

    def around(self, run, context):
        print(self.attributes["word"].upper(), flush=True)
        run()

@hookimpl
def flowkit_serializers():
    yield Provider("points", lambda: Points, types=("flowkit_plugins.Point",))

@hookimpl
def flowkit_step_decorators():
    yield Provider("shout", lambda: Shout, help="Say a word")

@hookimpl
def flowkit_run_started(run):
    print("started", run.flow, file=sys.stderr)
"""
READ = """
from flowkit import Flow
print(Flow("PointFlow").latest_run["end"].task["point"].data)
"""


@pytest.fixture
def pointed(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("flowkit_plugins.py", PLUGIN)
    return project


@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.parametrize("command", ["python", "flowkit"])
def test_tasks_use_it_however_they_start(pointed: Project, command: str, start: str) -> None:
    own = ["--task-start", start]
    if command == "python":
        done = pointed.run("run", *own, check=True)
    else:
        done = pointed.flowkit("run", "flow.py", *own, check=True)
    assert "HEY" in done.stdout
    assert "started PointFlow" in done.stderr
    pointed.write("read.py", READ)
    assert pointed.python("read.py", check=True).stdout == "Point(x=1, y=2)\n"


def test_a_flow_in_another_folder_has_the_file_beside_it(project: Project) -> None:
    project.write("flows/flow.py", FLOW)
    project.write("flows/flowkit_plugins.py", PLUGIN)
    project.write("flowkit_plugins.py", "raise SystemExit('not this one')\n")
    for command in (["run", "flows/flow.py"], ["run", "flows/flow.py", "--task-start", "spawn"]):
        assert "HEY" in project.flowkit(*command, check=True).stdout
    # A reader that lies elsewhere finds what the run's flow found.
    project.write("read.py", READ)
    assert project.python("read.py", check=True).stdout == "Point(x=1, y=2)\n"
    (project.path / "flowkit_plugins.py").unlink()
    assert project.python("read.py", check=True).stdout == "Point(x=1, y=2)\n"


def test_what_it_stored_can_be_shown_and_resumed(pointed: Project) -> None:
    pointed.write("fail", "")
    assert pointed.run("run", "--run-id-file", "id").returncode == 1
    (pointed.path / "fail").unlink()
    done = pointed.run("resume", check=True)
    assert "HEY" not in done.stdout
    run = (pointed.path / "id").read_text()
    assert "Point(x=1, y=2)" in pointed.run("dump", f"{run}/start", check=True).stdout


def test_a_run_records_which_version_it_was(pointed: Project) -> None:
    pointed.run("run", check=True)
    run = latest_run(pointed, "PointFlow")
    assert run is not None
    assert run.info["plugins"]["flowkit_plugins"].startswith("crc32:")


def test_it_is_listed_in_its_folder(pointed: Project) -> None:
    report = json.loads(pointed.flowkit("plugins", "list", "--json", check=True).stdout)
    (own,) = [one for one in report["plugins"] if one["name"] == "flowkit_plugins"]
    assert own["location"] == str((pointed.path / "flowkit_plugins.py").resolve())
    assert own["hooks"] == ["flowkit_run_started"]


def test_a_broken_one_says_so_and_stops_no_flow_that_does_without(pointed: Project) -> None:
    pointed.write("flowkit_plugins.py", PLUGIN.replace("import sys", "import sys, no_such_module", 1))
    done = pointed.run("run")
    assert done.returncode != 0
    assert "no_such_module" in done.stderr
    pointed.write(
        "flow.py",
        "from flowkit import FlowSpec, step\n\nclass F(FlowSpec):\n    @step\n    def only(self):\n"
        "        print('fine')\n\nif __name__ == '__main__':\n    F()\n",
    )
    assert "fine" in pointed.run("run", check=True).stdout


# --- a plugin that is left out is left out of the tasks too ---------------------------------------------------------

PLAIN = """
import os
from flowkit import FlowSpec, step

class F(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    F()
"""
WATCH = """
import os
from contextlib import contextmanager
from flowkit.plugin import hookimpl

@contextmanager
def scope():
    print("watched", flush=True)
    yield

@hookimpl
def flowkit_task_scope(task):
    return scope()
"""


@pytest.mark.parametrize("start", ["fork", "spawn"])
@pytest.mark.parametrize("way", ["flag", "flowkit", "before the file", "variable", "allow-list", "file"])
def test_a_plugin_that_is_left_out_is_left_out_of_tasks(project: Project, start: str, way: str) -> None:
    project.write("flow.py", PLAIN)
    project.write("flowkit_plugins.py", WATCH)
    run = ["run", "--task-start", start]
    assert project.run(*run, check=True).stdout.count("watched") == 2
    out = "--no-plugin=flowkit_plugins"
    if way == "flag":
        done = project.run(out, *run, check=True)
    elif way == "flowkit":
        done = project.flowkit(out, "run", "flow.py", "--task-start", start, check=True)
    elif way == "before the file":
        done = project.flowkit("run", out, "flow.py", "--task-start", start, check=True)
    elif way == "variable":
        done = project.run(*run, env={"FLOWKIT_NO_PLUGIN": "flowkit_plugins"}, check=True)
    elif way == "allow-list":
        done = project.run(*run, env={"FLOWKIT_PLUGINS": "something-else"}, check=True)
    else:
        project.write(".flowkit/config.json", '{"PLUGINS": ["something-else"], "NO_PLUGIN": ["x"]}')
        done = project.run(*run, check=True)
    assert "watched" not in done.stdout
