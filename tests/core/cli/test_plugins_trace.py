from __future__ import annotations

import json
from typing import Any

import pytest

from support.project import Project

FLOW = """
from flowkit import FlowSpec, step

class TracedFlow(FlowSpec):
    @step
    def only(self):
        print("in the step")

if __name__ == "__main__":
    TracedFlow()
"""
PLUGIN = """
import time
from contextlib import nullcontext
from flowkit.plugin import Provider, hookimpl

@hookimpl
def flowkit_datastores():
    yield Provider("slow", lambda: int, help="Slow")
    time.sleep(0.02)

@hookimpl
def flowkit_run_started(run, graph):
    time.sleep(0.02)

@hookimpl
def flowkit_run_finished(run):
    raise ValueError("on purpose")

@hookimpl
def flowkit_task_scope(task):
    return nullcontext()
"""


@pytest.fixture
def traced(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("flowkit_plugins.py", PLUGIN)
    return project


def events(project: Project, *command: str) -> list[dict[str, Any]]:
    done = project.flowkit("plugins", "trace", "--json", "--plugin", "flowkit_plugins", *command, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_hooks_are_shown_in_order_with_times_of_all_processes(traced: Project, start: str) -> None:
    found = events(traced, "flow.py", "run", "--task-start", start)
    assert all(one["plugin"] == "flowkit_plugins" for one in found)
    assert [one["start"] for one in found] == sorted(one["start"] for one in found)
    mine = [one for one in found if one["pid"] == found[0]["pid"]]
    assert [one["name"].rpartition("/")[2] for one in mine] == [
        "flowkit_plugins.py",
        "flowkit_datastores",
        "flowkit_run_started",
        "flowkit_run_finished",
    ]
    assert [one["what"] for one in mine] == ["import", "hook", "hook", "hook"]
    assert mine[1]["seconds"] >= 0.02
    assert mine[2]["seconds"] >= 0.02
    assert mine[3]["error"] == "ValueError"
    assert "flowkit_task_scope" in {one["name"] for one in found if one not in mine}


def test_a_commands_output_and_status_stay_its_own(traced: Project) -> None:
    done = traced.flowkit("plugins", "trace", "flow.py", "run", check=True)
    assert "in the step" in done.stdout
    assert "flowkit_run_finished raised ValueError" in done.stdout
    assert "load commands run" in done.stdout
    assert "in all: " in done.stdout
    assert "on purpose" in done.stderr
    assert traced.flowkit("plugins", "trace", "flow.py", "run", "--nothing").returncode == 2
    assert traced.flowkit("plugins", "trace", "--", "sh", "-c", "exit 7").returncode == 7


def test_without_a_command_all_is_listed(traced: Project) -> None:
    done = traced.flowkit("plugins", "trace", "--plugin", "flowkit_plugins", check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["at", "ms", "took", "ms", "process", "plugin", "what"]
    assert [line[3] for line in lines[1:-1]] == ["flowkit_plugins"] * 2
    assert "collision" not in done.stdout


def test_flowkits_own_commands(traced: Project) -> None:
    assert [one["what"] for one in events(traced, "flowkit", "version")] == ["import"]


def test_what_is_left_out_is_left_out(traced: Project) -> None:
    done = traced.flowkit("--no-plugin", "flowkit_plugins", "plugins", "trace", "flow.py", "run", check=True)
    assert "flowkit_plugins" not in done.stdout


def test_a_command_that_is_not_there(traced: Project) -> None:
    done = traced.flowkit("plugins", "trace", "no-such-program")
    assert done.returncode == 2
    assert "'no-such-program' can't be started: No such file" in done.stderr


def test_the_variable_shows_it_on_stderr(traced: Project) -> None:
    done = traced.run("run", env={"FLOWKIT_TRACE_PLUGINS": "1"}, check=True)
    shown = [line for line in done.stderr.splitlines() if line.startswith("plugins: ")]
    assert any(line.endswith("'flowkit_plugins'  flowkit_run_started") for line in shown)
    assert any("  raised ValueError" in line for line in shown)
    for off in ("0", "off"):
        assert "plugins: " not in traced.run("run", env={"FLOWKIT_TRACE_PLUGINS": off}, check=True).stderr


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_what_is_shown_on_stderr_is_no_task_s_output(traced: Project, start: str) -> None:
    env = {"FLOWKIT_TRACE_PLUGINS": "1"}
    traced.run("run", "--task-start", start, "--run-id-file", "id", env=env, check=True)
    run = (traced.path / "id").read_text()
    assert "plugins: " not in traced.run("logs", f"{run}/only", check=True).stdout


def test_the_variable_adds_to_a_file(traced: Project) -> None:
    file = traced.path / "trace"
    for _ in range(2):
        traced.run("show", env={"FLOWKIT_TRACE_PLUGINS": "trace"}, check=True)
    names = [json.loads(line)["name"] for line in file.read_text().splitlines()]
    assert names.count("flowkit.builtin") == 2
    wrong = traced.run("show", env={"FLOWKIT_TRACE_PLUGINS": "no/such/folder/trace"})
    assert wrong.returncode == 2
    assert "which can't be written (No such file or directory): name a file, or 1 for stderr" in wrong.stderr


def test_nothing_of_it_is_loaded_when_off(traced: Project) -> None:
    script = (
        "from flowkit.plugin import default_registry; default_registry().plugins(); import sys; print(*sys.modules)"
    )
    assert "flowkit.kernel.tracing" not in traced.python("-c", script, check=True).stdout.split()
