"""``flowkit show``, ``logs`` and ``info``: of any flow, without its file."""

from __future__ import annotations

import json
import time
from pathlib import Path

import attrs
import pytest

from flowkit.artifacts.layout import manifest_key
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.builtin.sqlite_metadata import SQLiteMetadata
from flowkit.cli.plain_values import plain_value
from flowkit.model.artifact import ArtifactEntry
from flowkit.version import __version__
from support.project import Project
from support.records import latest_run

FLOW = """
import sys
from flowkit import FlowSpec, Parameter, step

class Loud:
    def __reduce__(self):
        return (exit, ("a value was unpickled",))

class TalkFlow(FlowSpec):
    alpha = Parameter("alpha", default=3)
    title = Parameter("title", default="é")
    fail = Parameter("fail", default=False)

    @step
    def start(self):
        print("out of start")
        print("err of start", file=sys.stderr)
        self.loud = Loud()
        self.items = ["a", "b", "c"]
        self.next(self.work, foreach="items")

    @step
    def work(self):
        print("work", self.input)
        if self.fail and self.input == "b":
            raise ValueError("told to")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    TalkFlow()
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str, str]:
    """A project with a run that succeeded and one that failed, their pathspecs, and no flow file any more."""
    project = Project.make(tmp_path_factory.mktemp("runs"))
    project.write("flow.py", FLOW)
    pathspecs = []
    for arguments in (["--tag", "nice"], ["--fail", "true"]):
        project.run("run", "--max-workers", "1", *arguments)
        run = latest_run(project, "TalkFlow")
        assert run is not None
        pathspecs.append(f"{run.flow}/{run.run_id}")
    (project.path / "flow.py").unlink()
    return project, *pathspecs


def shown(runs: tuple[Project, str, str], *arguments: str) -> str:
    return runs[0].flowkit("show", *arguments, check=True).stdout


def test_a_flow_shows_its_runs(runs: tuple[Project, str, str]) -> None:
    head, failed, succeeded = shown(runs, "TalkFlow").splitlines()
    assert head.split() == ["run", "status", "started", "took", "user", "tags"]
    assert failed.split()[:2] == [runs[2].partition("/")[2], "failed"]
    assert succeeded.split()[:2] == [runs[1].partition("/")[2], "succeeded"]
    assert succeeded.endswith("tester  nice")
    assert "--limit shows more than 1" in shown(runs, "TalkFlow", "--limit", "1")


def test_a_run_shows_how_it_went(runs: tuple[Project, str, str]) -> None:
    text = shown(runs, runs[1])
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for line in (f"run {runs[1]}", "status succeeded", "tags nice", "alpha 3", "title 'é'", "fail False"):
        assert line in lines
    assert any(line.startswith("work 3 3 succeeded ") for line in lines)
    assert "failure" not in text
    assert "\x1b" not in text


def test_a_failed_run_shows_why(runs: tuple[Project, str, str]) -> None:
    lines = [" ".join(line.split()) for line in shown(runs, runs[2]).splitlines()]
    assert any(line.startswith("failure step work, task ") and line.endswith("ValueError: told to") for line in lines)
    assert any(line.startswith("work ") and "1 failed" in line for line in lines)


def test_a_step_shows_its_tasks(runs: tuple[Project, str, str]) -> None:
    text = shown(runs, f"{runs[1]}/work")
    assert [line.split()[1:4] for line in text.splitlines()[3:]] == [["succeeded", "1", str(item)] for item in range(3)]
    assert "--limit shows more than 2" in shown(runs, f"{runs[1]}/work", "--limit", "2")
    assert "and more" not in shown(runs, f"{runs[1]}/work", "--limit", "3")


def test_a_task_shows_names_and_types_and_no_value_is_loaded(runs: tuple[Project, str, str]) -> None:
    text = shown(runs, f"{runs[1]}/start/1")
    assert "attempt 0  succeeded" in text
    rows = [line.split()[:2] for line in text.splitlines()]
    assert ["loud", "__main__.Loud"] in rows
    assert ["items", "list"] in rows


def test_a_failed_task_shows_its_failure(runs: tuple[Project, str, str]) -> None:
    failed = next(line for line in shown(runs, f"{runs[2]}/work").splitlines() if " failed " in line)
    text = shown(runs, f"{runs[2]}/work/{failed.split()[0]}")
    assert "ValueError: told to" in text
    assert "items[1] of 3 from start/1" in text
    assert "it has no artifacts" in text


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("Nowhere", 1, "there are no runs of a flow 'Nowhere'"),
        ("TalkFlow/1", 1, "there is no run TalkFlow/1"),
        ("{run}/nostep", 1, "has no tasks of a step 'nostep'; steps that ran: start, work, join, end"),
        ("{run}/start/99", 1, "has no task start/99"),
        ("{run}/start/1/x", 2, "names an artifact"),
        ("a//b", 2, "is not of the form"),
    ],
)
def test_what_is_not_there(runs: tuple[Project, str, str], path: str, status: int, message: str) -> None:
    done = runs[0].flowkit("show", path.format(run=runs[1]))
    assert (done.returncode, message in done.stderr, done.stdout) == (status, True, "")


def test_a_run_whose_launching_process_is_gone(tmp_path: Path, project: Project) -> None:
    project.write("flow.py", FLOW)
    project.run("run", check=True)
    run = latest_run(project, "TalkFlow")
    assert run is not None
    metadata = SQLiteMetadata.open(str(project.store))
    metadata.write([attrs.evolve(run, status="running", finished_at=None, heartbeat_at=time.time() - 1000)])
    metadata.close()
    LocalDatastore.open(str(project.store)).delete([manifest_key("TalkFlow", run.run_id, "_parameters", "0", 0)])
    text = project.flowkit("show", f"TalkFlow/{run.run_id}", check=True).stdout
    assert "gave no sign of life since" in text
    assert "parameters  can't be read" in text


# --- logs --------------------------------------------------------------------------------------------------------


def test_logs_of_a_run_a_step_and_a_task(runs: tuple[Project, str, str]) -> None:
    project, run, _ = runs
    whole = project.flowkit("logs", run, check=True)
    assert whole.stdout == "out of start\nerr of start\nwork a\nwork b\nwork c\n"
    assert "/work/" in whole.stderr
    assert project.flowkit("logs", f"{run}/work", check=True).stdout == "work a\nwork b\nwork c\n"
    one = project.flowkit("logs", f"{run}/start/1", "--stdout", check=True)
    assert (one.stdout, one.stderr) == ("out of start\n", "")
    assert project.flowkit("logs", f"{run}/start/1", "--stderr", check=True).stdout == "err of start\n"
    timed = project.flowkit("logs", f"{run}/start/1", "--timestamps", check=True).stdout
    assert timed.splitlines()[0].endswith(" out of start")


def test_logs_that_are_not_there(runs: tuple[Project, str, str]) -> None:
    project, run, _ = runs
    for path, status, message in (
        ("TalkFlow/1", 1, "there is no run"),
        ("TalkFlow", 2, "is not of the form"),
        (f"{run}/start/1/x", 2, "is not of the form"),
        (f"{run}/nostep", 1, "has no tasks of a step"),
    ):
        done = project.flowkit("logs", path)
        assert (done.returncode, message in done.stderr) == (status, True)
    assert project.flowkit("logs", f"{run}/start/1", "--attempt", "3").returncode == 1
    assert project.flowkit("logs", f"{run}/start/1", "--no-both").returncode == 2


def test_logs_of_an_earlier_attempt(project: Project) -> None:
    failing = 'print("attempt", current.retry_count)\n        if not current.retry_count:\n            raise ValueError'
    changed = FLOW.replace('print("out of start")', failing).replace("FlowSpec,", "FlowSpec, current,")
    project.write("flow.py", changed)
    project.run("run", "--with", "retry:times=1,minutes_between_retries=0", check=True)
    run = latest_run(project, "TalkFlow")
    assert run is not None
    path = f"TalkFlow/{run.run_id}/start/1"
    assert "attempt 1\n" in project.flowkit("logs", path, check=True).stdout
    first = project.flowkit("logs", path, "--attempt", "0", check=True).stdout
    assert "attempt 0\n" in first
    assert "attempt 1\n" not in first


def test_runs_recorded_elsewhere(runs: tuple[Project, str, str], tmp_path: Path) -> None:
    project, run, _ = runs
    elsewhere = Project(tmp_path, project.home, project.environment)
    there = ("--metadata", f"local@{project.store}")
    for command, seen in (("show", "succeeded"), ("logs", "out of start")):
        assert elsewhere.flowkit(command, run).returncode == 1
        assert seen in elsewhere.flowkit(command, run, *there, check=True).stdout


# --- info --------------------------------------------------------------------------------------------------------


def test_info(project: Project) -> None:
    text = project.flowkit("info", check=True, env={"FLOWKIT_MAX_WORKERS": "3"}).stdout
    assert text.startswith("FlowKit ")
    assert f"{__version__} in " in text
    for word in (
        "Python ",
        "pluggy ",
        "datastore root",
        "metadata location",
        "builtin (flowkit",
        "tasks at once      3",
    ):
        assert word in text


def test_info_as_json_and_without_secrets(project: Project) -> None:
    done = project.flowkit("info", "--json", check=True, env={"FLOWKIT_SERVICE_TOKEN": "hunter2"})
    report = json.loads(done.stdout)
    assert report["installation"]["FlowKit"].startswith(__version__)
    assert report["facts"]["datastore"]["value"] == "local"
    assert "hunter2" not in done.stdout


# --- values ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0, 255, -1, 70000, 2**80, 1.5, "é", "", True, False, None, b"x"])
def test_plain_values_are_read_without_unpickling(value: object) -> None:
    import pickle

    content = pickle.dumps(value, protocol=5)
    entry = ArtifactEntry(f"builtins.{type(value).__name__}", "pickle", len(content), "", inline=content)
    assert plain_value(entry) == repr(value)


@pytest.mark.parametrize("content", [b"", b"\x80\x05", b"cos\nsystem\n.", b"not a pickle"])
def test_what_claims_to_be_plain_is_not_run(content: bytes) -> None:
    assert plain_value(ArtifactEntry("builtins.int", "pickle", 5, "", inline=content)) == "(int, 5 bytes)"


def test_a_long_text_is_cut() -> None:
    import pickle

    content = pickle.dumps("x" * 1000, protocol=5)
    assert len(plain_value(ArtifactEntry("builtins.str", "pickle", 1000, "", inline=content))) < 210
