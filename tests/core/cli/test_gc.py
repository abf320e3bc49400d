"""``flowkit gc``."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sysconfig
import time
from pathlib import Path
from typing import Any

import pytest

from support.project import Project

FLOW = """
    import time

    from flowkit import FlowSpec, Parameter, step


    class OldFlow(FlowSpec):
        number = Parameter("number", default=0, type=int)
        fails = Parameter("fails", default=False, type=bool)

        @step
        def start(self):
            self.shared = bytes(range(256)) * 1000
            self.own = self.number.to_bytes(4, "big") * 50_000 + bytes(range(256)) * 10
            self.next(self.end)

        @step
        def end(self):
            if self.fails:
                raise ValueError(f"number {self.number}")
            print("sum", sum(self.own) + sum(self.shared))


    if __name__ == "__main__":
        OldFlow()
"""
READ = """
    from flowkit import Flow, namespace

    namespace(None)
    for run in Flow("OldFlow"):
        for task in run["start"]:
            assert task.data.shared == bytes(range(256)) * 1000
            assert task.data.own[:4] == task.data.number.to_bytes(4, "big")
        print(run.id, run.successful)
"""


@pytest.fixture
def project(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("read.py", READ)
    return project


def run(project: Project, number: int, *options: str) -> str:
    project.run("run", "--number", str(number), "--run-id-file", "id", *options, check="--fails" not in options)
    return (project.path / "id").read_text()


def make_old(project: Project) -> None:
    """Content that was last written or found two days ago."""
    then = time.time() - 2 * 86400
    for file in (project.store / "OldFlow/blobs").rglob("*"):
        if file.is_file():
            os.utime(file, (then, then))


def blobs(project: Project) -> int:
    return sum(file.is_file() for file in (project.store / "OldFlow/blobs").rglob("*"))


def report(project: Project, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(project.flowkit("gc", "--json", *options, check=True).stdout)
    return found


def test_it_shows_first_and_deletes_if_asked(project: Project) -> None:
    ids = [run(project, number) for number in range(3)]
    make_old(project)
    shown = project.flowkit("gc", "--keep-last", "1", check=True)
    assert "2 runs and " in shown.stderr
    assert "nothing was changed: --delete does it" in shown.stderr
    assert all(run_id in shown.stdout for run_id in ids[:2])
    assert ids[2] not in shown.stdout
    assert "1 run kept" in shown.stdout
    assert project.python("read.py", check=True).stdout.count("True") == 3
    before = blobs(project)
    done = project.flowkit("gc", "--keep-last", "1", "--delete", check=True)
    assert "2 runs and " in done.stderr
    assert " freed" in done.stderr
    assert project.python("read.py", check=True).stdout.split() == [ids[2], "True"]
    assert blobs(project) == before - 2
    assert not (project.store / "OldFlow/runs" / ids[0]).exists()


def test_without_a_condition_no_run_is_chosen(project: Project) -> None:
    run(project, 1)
    make_old(project)
    assert "no run is chosen" in project.flowkit("gc", check=True).stdout
    (flow,) = report(project, "--delete")["flows"]
    assert [one["collect"] for one in flow["runs"]] == [False]
    assert project.python("read.py", check=True).stdout.endswith("True\n")


def test_conditions(project: Project) -> None:
    """Each option narrows or keeps."""
    first = run(project, 1, "--tag", "exp", "--tag", "release")
    second = run(project, 2, "--tag", "exp", "--fails", "True")
    third = run(project, 3)
    make_old(project)

    def chosen(*options: str) -> set[str]:
        return {one["run_id"] for flow in report(project, *options)["flows"] for one in flow["runs"] if one["collect"]}

    assert chosen("--older-than", "0") == {first, second, third}
    assert chosen("--older-than", "1d") == set()
    assert chosen("--status", "failed") == {second}
    assert chosen("--status", "dead") == set()
    assert chosen("--tag", "exp") == {first, second}
    assert chosen("--tag", "exp", "--tag", "release") == {first}
    assert chosen("--keep-last", "0", "--keep-tag", "release") == {second, third}
    assert chosen("--keep-last", "1", "--user", "nobody") == set()
    assert chosen("--keep-last", "1", "--user", "tester") == {first, second}
    assert chosen("--keep-last", "1", "--namespace", "user:else") == set()
    assert chosen("--keep-last", "2", "--all-namespaces") == {first}
    assert chosen(f"OldFlow/{second}") == {second}
    assert chosen("OldFlow", "--keep-last", "2", "--datastore", "local") == {first}
    assert chosen("--keep-last", "2", "--metadata", f"local@{project.store}") == {first}
    assert chosen("--keep-last", "0", "--datastore-root", str(project.path / "else")) == set()


def test_what_the_metadata_does_not_have_goes_if_asked_for(project: Project) -> None:
    """The runs of a metadata database that is gone."""
    run_id = run(project, 1)
    for file in project.store.glob("*.db*"):
        file.unlink()
    for file in (project.store / "OldFlow").rglob("*"):
        os.utime(file, (0, 0))
    options = ("--older-than", "1d", "--delete")
    kept = report(project, *options)["flows"][0]["runs"]
    assert [(one["run_id"], one["collect"]) for one in kept] == [(run_id, False)]
    gone = report(project, *options, "--unrecorded")["flows"][0]["runs"]
    assert [(one["run_id"], one["collect"]) for one in gone] == [(run_id, True)]
    assert blobs(project) == 0
    assert not (project.store / "OldFlow/runs" / run_id).exists()


def test_records_that_are_kept_say_where_the_artifacts_went(project: Project) -> None:
    run_id = run(project, 1)
    project.flowkit("gc", "--keep-last", "0", "--keep-records", "--yes", check=True)
    read = project.python("-c", f"from flowkit import Run; print(Run('OldFlow/{run_id}')['start'].task.data.own)")
    assert "were collected by flowkit gc on 20" in read.stderr
    resumed = project.run("resume", "--origin-run-id", run_id)
    assert resumed.returncode == 1
    assert f"OldFlow/{run_id} can't be resumed: flowkit gc collected its artifacts on 20" in resumed.stderr
    assert "Traceback" not in resumed.stderr


def test_a_resumed_run_keeps_what_it_took_over(project: Project) -> None:
    failed = run(project, 1, "--fails", "True")
    changed = FLOW.replace("if self.fails", "if False")
    project.write("flow.py", changed)
    project.run("resume", check=True)
    make_old(project)
    project.flowkit("gc", f"OldFlow/{failed}", "--delete", check=True)
    assert project.python("read.py", check=True).stdout.endswith("True\n")
    shown = project.flowkit("gc", "--show-kept", check=True).stdout
    assert "keep: needed by runs that were resumed from it" in shown


def test_what_is_wrong_is_told(project: Project) -> None:
    run(project, 1)
    for options, message in (
        (["NoFlow"], "there is no flow 'NoFlow'"),
        (["OldFlow/1/start"], "is a step: name a flow, or a run as FLOW/RUN"),
        (["--older-than", "long"], "--older-than must be a number and a unit"),
        (["--grace", "1"], "the grace period must be a number and a unit"),
        (["--metadata", "nowhere"], "nowhere"),
    ):
        done = project.flowkit("gc", *options)
        assert done.returncode != 0
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_a_run_that_is_not_there_is_told(project: Project) -> None:
    run_id = run(project, 1)
    done = project.flowkit("gc", "OldFlow/99")
    assert done.returncode == 1
    assert f"there is no run OldFlow/99 in {project.store}: the latest are {run_id}" in done.stderr


def test_runs_of_other_datastores_are_not_counted(project: Project) -> None:
    run(project, 1)
    for _ in range(2):
        project.run("--datastore-root", str(project.path / "other"), "run", check=True)
    here, there = project.flowkit("gc", check=True).stdout.split("OldFlow in ")[1:]
    assert "1 run kept" in here
    assert "2 runs kept" in there


def test_a_run_whose_store_took_nothing_is_in_nobodys_way(project: Project) -> None:
    run_id = run(project, 1)
    (project.path / "file").touch()
    failed = project.run("--datastore-root", "file/root", "run")
    assert failed.returncode == 1
    assert "can't be written" in failed.stderr
    project.flowkit("gc", check=True)
    listed = project.python("-c", "from flowkit import Flow; print([run.id for run in Flow('OldFlow')])", check=True)
    assert listed.stdout == f"['{run_id}']\n"


def test_a_short_grace_period_needs_that_nothing_runs(project: Project) -> None:
    run_id = run(project, 1)
    assert blobs(project)
    project.flowkit("gc", "--keep-last", "0", "--grace", "0", "--delete", check=True)
    assert blobs(project) == 0
    project.write("slow.py", FLOW.replace("raise ValueError", "time.sleep(60)"))
    process = project.popen("run", "--fails", "True", "--run-id-file", "slow-id", flow="slow.py")
    try:
        while not (project.path / "slow-id").exists():
            time.sleep(0.01)
        done = project.flowkit("gc", "--keep-last", "0", "--grace", "0", "--delete")
        assert done.returncode == 2
        assert "which no run is running" in done.stderr
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert run_id


def test_collectors_that_are_killed_beside_runs_lose_nothing(project: Project) -> None:
    """Real processes: old content is found by a run while collectors take it away, and are killed at any moment."""
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    program = str(Path(sysconfig.get_path("scripts")) / "flowkit")
    command = [program, "gc", "--keep-last", "1", "--delete"]
    run(project, 0)
    for number in range(5):
        make_old(project)
        runner = project.popen("run", "--number", str(number % 2))
        time.sleep(chance.uniform(0, 0.2))
        collectors = [
            subprocess.Popen(
                command, cwd=project.path, env=project.variables(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            for _ in range(2)
        ]
        time.sleep(chance.uniform(0.05, 0.5))
        collectors[0].kill()
        _, failure = runner.communicate(timeout=120)
        assert runner.returncode == 0, f"seed {seed}: {failure}"
        assert collectors[1].communicate(timeout=120)[1].decode().count("rror") == 0, f"seed {seed}"
        collectors[0].communicate()
        assert project.python("read.py").stdout.count("True") >= 1, f"seed {seed}"
    make_old(project)
    project.flowkit("gc", "--keep-last", "1", "--delete", check=True)
    project.python("read.py", check=True)
    assert not list(project.store.rglob(".aside-*"))
