"""Flow decorators from the command line to the tasks, the run's tags and record, and what is called at its end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.project import Project

UPSTREAM = """
from flowkit import FlowSpec, step

class Upstream(FlowSpec):
    @step
    def start(self):
        self.rows = 3
        self.next(self.last)

    @step(end=True)
    def last(self):
        pass

if __name__ == "__main__":
    Upstream()
"""

FLOW = """
import os, sys
from flowkit import FlowSpec, current, exit_hook, project, step, trigger_on_finish

def succeeded(run):
    print("hook got", run.pathspec, run.successful, run.data.seen["branch_name"])

def failed():
    print("hook after failure")

def broken(run):
    sys.exit(7)

@exit_hook(on_success=[broken, succeeded], on_error=[failed])
@project(name="weather")
@trigger_on_finish(flows=["Upstream", "Other"])
class Downstream(FlowSpec):
    @step
    def start(self):
        names = ("project_name", "branch_name", "is_user_branch", "is_production", "project_flow_name")
        self.seen = {name: getattr(current, name) for name in names}
        trigger = current.trigger
        self.trigger = None
        if trigger is not None:
            event = trigger.event
            self.trigger = {
                "run": trigger.run.pathspec,
                "runs": [run.pathspec for run in trigger.runs],
                "rows": trigger.run["start"].task["rows"].data,
                "in": ["Upstream" in trigger, "Nobody" in trigger],
                "item": trigger["Upstream"].pathspec,
                "event": [event.name, event.id, event.type, event.timestamp == trigger.events[0].timestamp],
                "count": len(trigger.events),
            }
        if "FAIL" in os.environ:
            raise ValueError("asked to")
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    Downstream()
"""


@pytest.fixture
def downstream(project: Project) -> Project:
    project.write("up.py", UPSTREAM)
    project.write("flow.py", FLOW)
    return project


def read(project: Project, expression: str) -> object:
    """A value that the client finds, as JSON."""
    lines = ("import json", "from flowkit import *", "namespace(None)", "run = Flow('Downstream').latest_run")
    program = "\n".join((*lines, f"print(json.dumps({expression}))"))
    return json.loads(project.python("-c", program, check=True).stdout)


@pytest.mark.parametrize(
    ("options", "branch"),
    [
        ((), "user.tester"),
        (("--branch", "wind"), "test.wind"),
        (("--production",), "prod"),
        (("--production", "--branch", "wind"), "prod.wind"),
    ],
)
def test_a_project_s_branch_is_in_current_and_among_the_tags(
    downstream: Project, options: tuple[str, ...], branch: str
) -> None:
    downstream.run(*options, "run", check=True)
    assert read(downstream, "run.data.seen") == {
        "project_name": "weather",
        "branch_name": branch,
        "is_user_branch": not options,
        "is_production": "--production" in options,
        "project_flow_name": f"weather.{branch}.Downstream",
    }
    tags = read(downstream, "sorted(run.system_tags)")
    assert isinstance(tags, list)
    assert {"project:weather", f"project_branch:{branch}"} <= set(tags)
    in_namespace = f"[namespace({f'project_branch:{branch}'!r}) and one.id for one in Flow('Downstream')]"
    assert read(downstream, in_namespace) == [read(downstream, "run.id")]


def test_a_branch_is_refused_before_anything_runs(downstream: Project) -> None:
    done = downstream.run("--branch", "Not Good", "run")
    assert done.returncode != 0
    assert "--branch 'Not Good': the name of a branch must be a text of lowercase letters" in done.stderr
    assert not list(downstream.store.glob("Downstream/runs/*"))


def test_a_run_can_be_made_as_if_another_had_started_it(downstream: Project) -> None:
    downstream.run("run", "--run-id-file", "up.id", flow="up.py", check=True)
    upstream = f"Upstream/{(downstream.path / 'up.id').read_text()}"
    # Another user's run, in another namespace, may be what started it.
    done = downstream.run("--trigger", upstream, "run", check=True, env={"FLOWKIT_USER": "other"})
    assert "succeeded" in done.stderr
    seen = read(downstream, "run.data.trigger")
    assert isinstance(seen, dict)
    event = seen.pop("event")
    assert seen == {
        "run": upstream,
        "runs": [upstream],
        "rows": 3,
        "in": [True, False],
        "item": upstream,
        "count": 1,
    }
    assert (event[0], event[2], event[3]) == ("flowkit.Upstream.last", "run", True)
    assert event[1].startswith(f"{upstream}/last/")
    assert read(downstream, "run.trigger.run.pathspec") == upstream


def test_a_run_that_nothing_started_has_no_trigger(downstream: Project) -> None:
    downstream.run("run", check=True)
    assert read(downstream, "[run.data.trigger, run.trigger]") == [None, None]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("Upstream", "--trigger 'Upstream' isn't of the form FLOW/RUN"),
        ("Upstream/1/start", "isn't of the form FLOW/RUN"),
        ("Upstream/404", "there is no run Upstream/404"),
    ],
)
def test_a_trigger_that_can_t_be_is_refused_before_anything_runs(downstream: Project, given: str, said: str) -> None:
    done = downstream.run("--trigger", given, "run")
    assert done.returncode != 0
    assert said in done.stderr
    assert not list(downstream.store.glob("Downstream/runs/*"))


def test_a_failed_run_starts_nothing(downstream: Project) -> None:
    downstream.run("run", "--run-id-file", "id", env={"FAIL": "1"})
    given = f"Downstream/{(downstream.path / 'id').read_text()}"
    done = downstream.run("--trigger", given, "run")
    assert done.returncode != 0
    assert f"--trigger {given}: that run hasn't succeeded" in done.stderr


def test_hooks_are_called_when_the_run_is_recorded_as_ended(downstream: Project) -> None:
    done = downstream.run("run", check=True)
    run = read(downstream, "run.pathspec")
    assert f"hook got {run} True user.tester\n" in done.stdout
    assert "hook after failure" not in done.stdout
    assert "@exit_hook: broken failed, which doesn't change how the run ended:" in done.stderr


def test_hooks_of_a_failed_run(downstream: Project) -> None:
    done = downstream.run("run", env={"FAIL": "1"})
    assert done.returncode == 1
    assert "hook after failure\n" in done.stdout
    assert "hook got" not in done.stdout


def test_hooks_find_the_run_where_it_was_recorded(downstream: Project, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    done = downstream.run("--metadata", f"local@{elsewhere}", "run", check=True)
    assert "hook got Downstream/" in done.stdout
    assert not (downstream.store / "metadata.db").exists()


def test_wrong_decorators_are_found_by_check_with_file_and_line(project: Project) -> None:
    flow = FLOW.replace('name="weather"', 'name="The Weather"').replace("[failed]", "['failed']")
    file = project.write("flow.py", flow)
    lines = file.read_text().splitlines()
    done = project.run("check")
    assert done.returncode != 0
    for start, said in (
        ("@project", "name must be a text of lowercase"),
        ("@exit_hook", "be a list of functions"),
    ):
        line = next(number for number, text in enumerate(lines, 1) if text.startswith(start))
        assert any(f"{file.name}:{line}: {start}" in row and said in row for row in done.stderr.splitlines())
