"""A failing step shows and keeps its own frames: not those of a plugin's decorators, and no secret that they hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.project import Project

FLOW = """
from flowkit import FlowSpec, step, wrapped

class WrappedFlow(FlowSpec):
    @wrapped(fails={fails})
    @step
    def start(self):
        number = 7
        raise ValueError("in the body")
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    WrappedFlow()
"""
PLUGIN = """
from flowkit.plugin import Provider, StepDecorator, hookimpl

class Wrapped(StepDecorator):
    name = "wrapped"
    defaults = {"fails": False}

    def around(self, run, context):
        if self.attributes["fails"]:
            fetched = "canary-4711"
            raise RuntimeError("in the plugin")
        run()

@hookimpl
def flowkit_step_decorators():
    yield Provider("wrapped", lambda: Wrapped, help="Wrap a step")
"""


def frames(project: Project) -> list[Path]:
    return list(project.store.rglob("*.frames"))


def make(project: Project, *, fails: bool) -> str:
    project.write("flow.py", FLOW.format(fails=fails))
    project.write("flowkit_plugins.py", PLUGIN)
    done = project.run("run")
    assert done.returncode == 1
    return done.stdout + done.stderr


def test_a_decorator_around_the_body_is_not_shown(project: Project) -> None:
    said = make(project, fails=False)
    assert 'flow.py", line 8, in start' in said
    assert "flowkit_plugins.py" not in said
    (kept,) = frames(project)
    assert [frame["function"] for frame in json.loads(kept.read_text())["frames"]] == ["start"]


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_one_that_fails_itself_is_shown_and_nothing_of_it_is_kept(project: Project, start: str) -> None:
    project.environment["FLOWKIT_TASK_START"] = start
    said = make(project, fails=True)
    assert "in around" in said
    assert "RuntimeError: in the plugin" in said
    assert frames(project) == []
    assert not any(b"canary-4711" in file.read_bytes() for file in project.store.rglob("*") if file.is_file())
