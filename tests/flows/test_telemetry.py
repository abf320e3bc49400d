"""``--event-logger`` and ``--monitor``: what they are told, by the launching process and by each task's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.project import Project

FLOW = """
from flowkit import FlowSpec, current, project, retry, step

@project(name="weather")
class Measured(FlowSpec):
    @retry(times=1)
    @step
    def start(self):
        if current.retry_count == 0:
            raise ValueError("once")
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    Measured()
"""

PLUGIN = """
import json, os
from flowkit.plugin import EventLogger, Monitor, Provider, hookimpl

def write(*row):
    with open("told.jsonl", "a") as file:
        file.write(json.dumps(row) + "\\n")

class Logger(EventLogger):
    name = "file"
    def __init__(self):
        self.rows = []
    def log(self, event):
        self.rows.append((os.getpid(), "event", event))
    def close(self):
        for row in self.rows:
            write(*row)

class Measures(Monitor):
    name = "file"
    def __init__(self):
        self.rows = []
    def count(self, name, value=1, labels=None):
        self.rows.append((os.getpid(), "count", name, value, labels))
    def measure(self, name, seconds, labels=None):
        self.rows.append((os.getpid(), "measure", name, seconds, labels))
    def gauge(self, name, value, labels=None):
        self.rows.append((os.getpid(), "gauge", name, value, labels))
    def close(self):
        for row in self.rows:
            write(*row)

class Broken(EventLogger):
    name = "broken"
    def log(self, event):
        raise OSError("no way out")

@hookimpl
def flowkit_event_loggers():
    yield Provider("file", lambda: Logger)
    yield Provider("broken", lambda: Broken)

@hookimpl
def flowkit_monitors():
    yield Provider("file", lambda: Measures)
"""

WHERE = {"flow": "Measured", "project": "weather", "project_branch": "user.tester"}


@pytest.fixture
def measured(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("flowkit_plugins.py", PLUGIN)
    return project


def rows(project: Project, *arguments: str) -> list[list[Any]]:
    """What a plugin was told."""
    project.run(*arguments, check=True)
    return [json.loads(line) for line in (project.path / "told.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_an_event_logger_is_told_of_runs_tasks_and_retries(measured: Project, start: str) -> None:
    told = rows(measured, "--event-logger", "file", "run", "--task-start", start)
    launcher = next(row[0] for row in told if row[2]["name"] == "run_started")
    events = [row[2] for row in told if row[0] == launcher]
    assert [(one["name"], one.get("step"), one.get("attempt")) for one in events] == [
        ("run_started", None, None),
        ("task_started", "start", 0),
        ("task_retried", "start", 0),
        ("task_started", "start", 1),
        ("task_ended", "start", 1),
        ("task_started", "end", 0),
        ("task_ended", "end", 0),
        ("run_ended", None, None),
    ]
    assert events[2]["failure"] == "ValueError"
    assert all(one["time"] > 1e9 and WHERE.items() <= one.items() for one in (row[2] for row in told))
    in_tasks = [row for row in told if row[0] != launcher]
    assert [(row[2]["name"], row[2]["step"], row[2].get("status")) for row in in_tasks] == [
        ("attempt_entered", "start", None),
        ("attempt_left", "start", "failed"),
        ("attempt_entered", "start", None),
        ("attempt_left", "start", "succeeded"),
        ("attempt_entered", "end", None),
        ("attempt_left", "end", "succeeded"),
    ]
    assert len({row[0] for row in in_tasks}) == 3


def test_a_monitor_gets_measurements_with_step_and_project(measured: Project) -> None:
    told = rows(measured, "--monitor", "file", "run")
    labels = [row[4] for row in told]
    assert all(WHERE.items() <= one.items() for one in labels)
    of_tasks = [(row[2], row[4]["step"], row[4]["status"]) for row in told if row[2].startswith("flowkit.attempt.")]
    assert sorted(of_tasks) == sorted(
        (name, step, status)
        for name in ("flowkit.attempt.seconds", "flowkit.attempt.peak_memory_bytes")
        for step, status in (("start", "failed"), ("start", "succeeded"), ("end", "succeeded"))
    )
    counted = [(row[2], row[4].get("step")) for row in told if row[1] == "count"]
    assert counted.count(("flowkit.attempts.started", "start")) == 2
    assert counted.count(("flowkit.runs.started", None)) == 1
    (run,) = [row for row in told if row[2] == "flowkit.run.seconds"]
    assert run[3] > 0
    assert run[4]["status"] == "succeeded"


@pytest.mark.parametrize("names", [("debug", "debug"), ("debugLogger", "debugMonitor")])
def test_debug_writes_readable_lines(measured: Project, names: tuple[str, str]) -> None:
    done = measured.run("--event-logger", names[0], "--monitor", names[1], "run", check=True)
    assert "task_retried flow=Measured project=weather project_branch=user.tester run_id=" in done.stderr
    assert (
        "flowkit.attempts.started+=1 flow=Measured project=weather project_branch=user.tester step=end" in done.stderr
    )
    assert "flowkit.attempt.seconds=" in done.stdout + done.stderr


@pytest.mark.parametrize("names", [(), ("--event-logger", "null", "--monitor", "nullSidecarMonitor")])
def test_without_them_nothing_is_written(measured: Project, names: tuple[str, ...]) -> None:
    done = measured.run(*names, "run", check=True)
    assert "[event]" not in done.stdout + done.stderr
    assert "[monitor]" not in done.stdout + done.stderr


def test_the_configuration_and_the_environment_name_them_too(measured: Project) -> None:
    assert "run_started" in measured.run("run", env={"FLOWKIT_EVENT_LOGGER": "debug"}, check=True).stderr
    assert "runs.started" in measured.run("run", env={"FLOWKIT_DEFAULT_MONITOR": "debug"}, check=True).stderr


def test_one_that_fails_is_told_once_and_changes_nothing(measured: Project) -> None:
    done = measured.run("--event-logger", "broken", "run", check=True)
    assert done.stderr.count("Broken failed, which changes nothing else: OSError: no way out") == 1


@pytest.mark.parametrize(("option", "noun"), [("--event-logger", "event logger"), ("--monitor", "monitor")])
def test_a_name_that_nobody_provides_is_refused_before_the_run(measured: Project, option: str, noun: str) -> None:
    done = measured.run(option, "nobody", "run")
    assert done.returncode != 0
    assert f"there is no {noun} 'nobody'; known: " in done.stderr
    assert "debug, file" in done.stderr
    assert not list(measured.store.glob("Measured/runs/*"))
