"""The launching process, or a task, is killed before each thing that it stores or records, one after the other."""

from __future__ import annotations

import signal
import sysconfig
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import attrs
import pytest

from flowkit.kernel.registry import default_registry
from flowkit.model.record import RunRecord
from support.processes import wait_until_gone
from support.project import Project
from support.records import latest_run, tasks_of

FLOW = """
    import os

    from flowkit import FlowSpec, Parameter, step


    class KilledFlow(FlowSpec):
        factor = Parameter("factor", default=2)

        @step
        def start(self):
            self.items = [1, 2, 3]
            self.next(self.work, foreach="items")

        @step
        def work(self):
            with open(f"ran-{self.input}", "a") as ran:
                ran.write("x")
            self.product = self.input * self.factor
            self.next(self.join)

        @step
        def join(self, inputs):
            self.total = sum(each.product for each in inputs)
            self.next(self.end)

        @step
        def end(self):
            assert "FAIL" not in os.environ
            print("total", self.total)


    if __name__ == "__main__":
        KilledFlow()
"""
TESTS = Path(__file__).parents[1]


def killed_before(project: Project, writes: int, *arguments: str) -> bool:
    """Whether the launching process got to that write. All of its tasks are gone after this."""
    env = {"PYTHONPATH": str(TESTS), "MARKER": f"{project.path}-{writes}"}
    done = project.python("-m", "support.killed_before", "launcher", str(writes), "flow.py", *arguments, env=env)
    wait_until_gone(env["MARKER"])
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def killed(project: Project, *arguments: str) -> Iterator[int]:
    """Run the flow again and again, killed a write later each time, until it gets to its end; yields after each."""
    for writes in count(1):
        if not killed_before(project, writes, *arguments):
            assert writes > 5
            return
        yield writes


def ran(project: Project) -> Counter[str]:
    return Counter({file.name: len(file.read_text()) for file in project.path.glob("ran-*")})


def total(project: Project) -> str:
    """That of the latest run, as its user reads it."""
    read = "from flowkit import Flow; run = Flow('KilledFlow').latest_run; print(run.successful, run.data.total)"
    return project.python("-c", read, check=True).stdout.strip()


def days_ago(project: Project) -> None:
    """Let all runs so far have been two days ago, when the dead ones gave their last sign of life."""
    metadata = default_registry().get("metadata_providers", "local").open(str(project.store))
    for run in metadata.all_runs("KilledFlow"):
        then = run.created_at - 2 * 86400
        metadata.write([attrs.evolve(run, created_at=then, heartbeat_at=then)])
    metadata.close()


def test_a_run_killed_before_any_write_is_resumed_unless_it_had_not_begun(project: Project) -> None:
    project.write("flow.py", FLOW)
    not_begun = 0
    for writes in killed(project, "run", "--factor", "5"):
        run = latest_run(project, "KilledFlow")
        if run is None:
            continue  # killed before it was recorded
        project.flowkit("show", f"KilledFlow/{run.run_id}", check=True)
        finished = {task.key for task in tasks_of(project, run) if task.status == "succeeded"}
        before = ran(project)
        resumed = project.run("resume")
        if resumed.returncode == 0:
            assert total(project) == "True 30", "its own parameters count"
            again = {name.removeprefix("ran-") for name in ran(project) - before}
            assert not {f"start[{int(item) - 1}]/work" for item in again} & finished, f"killed before write {writes}"
        else:
            not_begun += 1
            assert not tasks_of(project, run)
            assert f"KilledFlow/{run.run_id} ended before its parameters were stored" in resumed.stderr
            assert "Traceback" not in resumed.stderr
            assert not ran(project) - before
    assert not_begun, "between its record and its parameters"


def test_a_resumed_run_killed_before_any_write_is_resumed(project: Project) -> None:
    project.write("flow.py", FLOW)
    assert project.run("run", "--factor", "5", env={"FAIL": "1"}).returncode == 1
    origin = latest_run(project, "KilledFlow")
    assert origin is not None
    before = ran(project)
    runs = {origin.run_id}
    for writes in killed(project, "resume", "--origin-run-id", origin.run_id):
        run = latest_run(project, "KilledFlow")
        assert run is not None
        if run.run_id in runs:
            continue  # killed before this one was recorded
        project.flowkit("show", f"KilledFlow/{run.run_id}", check=True)
        project.run("resume", check=True)
        assert total(project) == "True 30"
        assert ran(project) == before, f"killed before write {writes}: a task that had finished was run again"
        latest = latest_run(project, "KilledFlow")
        assert latest is not None
        assert latest.origin_run_id == run.run_id
        runs |= {run.run_id, latest.run_id}
    assert len(runs) > 1


def test_what_was_collected_since_is_not_taken_over(project: Project) -> None:
    """A resumed run was killed before it had taken anything over, and then its origin's artifacts were collected."""
    project.write("flow.py", FLOW)
    assert project.run("run", "--factor", "5", env={"FAIL": "1"}).returncode == 1
    origin = latest_run(project, "KilledFlow")
    assert origin is not None
    seen: dict[bool, RunRecord] = {}
    for _ in killed(project, "resume", "--origin-run-id", origin.run_id):
        run = latest_run(project, "KilledFlow")
        assert run is not None
        if run.run_id != origin.run_id and not tasks_of(project, run):
            has_parameters = (project.store / "KilledFlow" / "runs" / run.run_id / "_parameters").exists()
            seen[has_parameters] = run
    days_ago(project)
    project.flowkit("gc", f"KilledFlow/{origin.run_id}", "--delete", "--keep-records", check=True)
    assert seen.keys() == {True, False}
    for has_parameters, run in seen.items():
        before = ran(project)
        resumed = project.run("resume", "--origin-run-id", run.run_id)
        if has_parameters:
            assert resumed.returncode == 0, resumed.stderr
            assert total(project) == "True 30"
            assert ran(project) - before == Counter({"ran-1": 1, "ran-2": 1, "ran-3": 1})
        else:
            assert resumed.returncode == 1
            assert f"KilledFlow/{origin.run_id} can't be resumed: flowkit gc collected its artifacts" in resumed.stderr


#: Resumes while a collector works: it ends just before the new run is recorded.
COLLECTED = """
    import runpy
    import subprocess
    import sys

    from flowkit.builtin.sqlite_metadata import SQLiteMetadata

    create_run, command, sys.argv = SQLiteMetadata.create_run, sys.argv[1:5], ["flow.py", *sys.argv[5:]]

    def late(self, run):
        subprocess.run(command, check=True)
        return create_run(self, run)

    SQLiteMetadata.create_run = late
    runpy.run_path("flow.py", run_name="__main__")
"""


def test_what_is_collected_while_it_is_resumed_is_not_taken_over(project: Project) -> None:
    """The run that is resumed has taken nothing over of its own origin yet, which is collected now."""
    project.write("flow.py", FLOW)
    project.write("collected.py", COLLECTED)
    assert project.run("run", env={"FAIL": "1"}).returncode == 1
    origin = run = latest_run(project, "KilledFlow")
    assert origin is not None
    for _ in killed(project, "resume", "--origin-run-id", origin.run_id):
        run = latest_run(project, "KilledFlow")
        assert run is not None
        if run.run_id != origin.run_id and (project.store / f"KilledFlow/runs/{run.run_id}/_parameters").exists():
            break
    assert run is not None
    assert not tasks_of(project, run)
    days_ago(project)
    flowkit = str(Path(sysconfig.get_path("scripts")) / "flowkit")
    before = ran(project)
    done = project.python("collected.py", flowkit, "gc", f"KilledFlow/{origin.run_id}", "--delete", "resume")
    assert done.returncode == 1
    assert f"KilledFlow/{origin.run_id} can't be resumed: flowkit gc collected its artifacts just now" in done.stderr
    assert ran(project) == before
    project.run("resume", check=True)
    assert total(project) == "True 12"


@pytest.mark.task_start("fork", reason="only what is forked has what the test put into the launching process")
@pytest.mark.parametrize("options", [(), ("--with", "retry:times=1,minutes_between_retries=0")], ids=["run", "retried"])
def test_a_task_killed_before_any_write_is_told_retried_and_resumed(project: Project, options: tuple[str, ...]) -> None:
    project.write("flow.py", FLOW)
    failed = 0
    for writes in count(1):
        run = ("-m", "support.killed_before", "task", str(writes), "flow.py", "run", "--factor", "5", *options)
        done = project.python(*run, env={"PYTHONPATH": str(TESTS)})
        if not (project.path / "killed").exists():
            assert done.returncode == 0, done.stderr
            break
        (project.path / "killed").unlink()
        if done.returncode != 0:
            failed += 1
            assert not options, done.stderr
            assert "signal 9 (killed)" in done.stderr
            assert "Traceback" not in done.stderr
            project.run("resume", check=True)
        assert total(project) == "True 30", f"killed before write {writes}"
    assert writes > 2
    assert failed or options
