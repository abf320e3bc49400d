"""The launching process is killed at random points: nothing recorded is lost, and nothing goes on writing."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter

import pytest

from support.processes import wait_until_gone
from support.project import Project
from support.records import latest_run, tasks_of

FLOW = """
    import os
    import time

    from flowkit import FlowSpec, step


    class KilledFlow(FlowSpec):
        @step
        def start(self):
            self.items = list(range(12))
            self.next(self.work, foreach="items")

        @step
        def work(self):
            with open(os.path.join(os.environ["NOTES"], f"{self.input}.{os.getpid()}"), "w"):
                time.sleep(0.03)
            self.squared = self.input**2
            self.next(self.join)

        @step
        def join(self, inputs):
            self.total = sum(each.squared for each in inputs)
            self.next(self.end)

        @step
        def end(self):
            print("total", self.total)


    if __name__ == "__main__":
        KilledFlow()
"""
TOTAL = sum(number**2 for number in range(12))


def kill_and_resume(project: Project, seconds: float) -> None:
    notes = project.path / "notes"
    notes.mkdir(exist_ok=True)
    marker = f"{notes}-{seconds}"
    env = {"NOTES": str(notes), "MARKER": marker}
    before = latest_run(project, "KilledFlow")
    with project.popen("run", "--max-workers", "3", env=env) as launcher:
        time.sleep(seconds)
        os.kill(launcher.pid, signal.SIGKILL)
        launcher.communicate()
    wait_until_gone(marker)
    run = latest_run(project, "KilledFlow")
    if run is None or (before is not None and run.run_id == before.run_id):
        return  # killed before the run was recorded
    finished = {task.key for task in tasks_of(project, run) if task.status == "succeeded"}
    first = Counter(note.name.split(".")[0] for note in notes.iterdir())
    read = project.python(
        "-c",
        "from flowkit import Flow, namespace\n"
        "run = next(iter(Flow('KilledFlow')))\n"
        "print(run.id, run.successful, sum(task.successful for step in run for task in step))",
        env=env,
        check=True,
    )
    assert read.stdout.split()[0] == run.run_id
    if run.status == "succeeded":
        return  # killed after the end
    resumed = project.run("resume", "--origin-run-id", run.run_id, env=env, check=True)
    assert f"total {TOTAL}" in resumed.stdout + resumed.stderr or "end" in finished
    again = Counter(note.name.split(".")[0] for note in notes.iterdir()) - first
    repeated = {f"start[{name}]/work" for name in again} & finished
    assert not repeated, "a task that had finished was run again"
    new = latest_run(project, "KilledFlow")
    assert new is not None
    assert (new.status, new.origin_run_id) == ("succeeded", run.run_id)
    reused = {task.key for task in tasks_of(project, new) if task.origin_pathspec is not None}
    assert finished <= reused


@pytest.mark.parametrize("number", range(5))
def test_killed_at_a_random_point(project: Project, number: int) -> None:
    project.write("flow.py", FLOW)
    kill_and_resume(project, random.Random(number).uniform(0.1, 0.9))


@pytest.mark.long
@pytest.mark.parametrize("number", range(50))
def test_killed_at_many_random_points(project: Project, number: int) -> None:
    project.write("flow.py", FLOW)
    kill_and_resume(project, random.Random(1000 + number).uniform(0.02, 1.2))


def test_killed_while_it_resumes(project: Project) -> None:
    """What the first run finished is reused by the third, though the second was killed while it took it over."""
    project.write("flow.py", FLOW)
    notes = project.path / "notes"
    notes.mkdir()
    env = {"NOTES": str(notes), "FAIL": "1"}
    source = FLOW.replace('print("total", self.total)', 'assert "FAIL" not in os.environ')
    project.write("flow.py", source)
    assert project.run("run", env=env).returncode == 1
    before = len(list(notes.iterdir()))
    for seconds in (0.1, 0.15, 0.2, 0.25, 0.3):
        with project.popen("resume", env=env) as launcher:
            time.sleep(seconds)
            os.kill(launcher.pid, signal.SIGKILL)
            launcher.communicate()
    project.run("resume", env={"NOTES": str(notes)}, check=True)
    assert len(list(notes.iterdir())) == before == 12
