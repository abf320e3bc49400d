"""Several launching processes on one folder, and processes that are killed while they record."""

from __future__ import annotations

import random
import re
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from support.project import Project

FLOW = """
    from flowkit import FlowSpec, step


    class TogetherFlow(FlowSpec):
        @step
        def start(self):
            self.items = list(range(30))
            self.next(self.work, foreach="items")

        @step
        def work(self):
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
        TogetherFlow()
"""
TOTAL = sum(number**2 for number in range(30))
COUNT = """
from flowkit import Flow
for run in Flow("TogetherFlow"):
    work = len(list(run["work"])) if "work" in run else 0
    print(run.id, run.successful, work, run.data.total if run.successful else None)
"""


def counted(project: Project) -> dict[str, list[str]]:
    """What the client says of each run, by its id."""
    done = project.python("-c", COUNT, check=True)
    return {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}


def check_file(file: Path) -> None:
    """The database is sound."""
    connection = sqlite3.connect(file)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        connection.close()


def test_two_launching_processes_on_one_new_folder(project: Project) -> None:
    project.write("flow.py", FLOW)
    both = [project.popen("run", "--max-workers", "2") for _ in range(2)]
    for process in both:
        stdout, stderr = process.communicate(timeout=120)
        assert process.returncode == 0, stderr
        assert stdout.endswith(f"total {TOTAL}\n")
    check_file(project.store / "metadata.db")
    assert list(counted(project).values()) == [["True", "30", str(TOTAL)]] * 2


def kill_while_recording(project: Project, times: int) -> None:
    project.write("flow.py", FLOW)
    whole = re.findall(r"Run TogetherFlow/(\d+) started", project.run("run", check=True).stderr)
    chance = random.Random(times)
    started = list(whole)
    for _ in range(times):
        with project.popen("run", "--max-workers", "2") as process:
            assert process.stderr is not None
            for line in process.stderr:
                if found := re.search(r"Run TogetherFlow/(\d+) started", line):
                    started.append(found[1])
                    break
            # From here tasks end, and are recorded, all the time.
            time.sleep(chance.uniform(0, 0.12))
            process.send_signal(signal.SIGKILL)
            process.communicate()
        check_file(project.store / "metadata.db")
        seen = counted(project)
        assert set(seen) == set(started), "a run that was announced is recorded"
        assert seen[whole[0]] == ["True", "30", str(TOTAL)]
    for run_id in started[1:]:
        if seen[run_id][0] != "True":
            done = project.run("resume", "--origin-run-id", run_id, check=True)
            assert done.stdout.endswith(f"total {TOTAL}\n")
    assert [row for row in counted(project).values() if row[0] == "True" and row[1:] != ["30", str(TOTAL)]] == []


def test_a_launching_process_that_is_killed_while_it_records_leaves_a_sound_file(project: Project) -> None:
    kill_while_recording(project, 4)


@pytest.mark.long
def test_many_that_are_killed_while_they_record(project: Project) -> None:
    kill_while_recording(project, 50)
