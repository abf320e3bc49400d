"""Tasks that wait beside those that run: never more at once than there are workers, and none begins after a failure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.project import Project

FLOW = """
import os, time
from flowkit import FlowSpec, step

FOLDER = os.environ["MARKS"]


class BriefFlow(FlowSpec):
    @step
    def start(self):
        self.items = list(range(int(os.environ["COUNT"])))
        self.next(self.work, foreach="items")

    @step
    def work(self):
        began = time.monotonic()
        if self.input == int(os.environ.get("FAILS_AT", "-1")):
            time.sleep(0.3)
            raise ValueError("this one fails")
        time.sleep(float(os.environ.get("SECONDS", "0")))
        with open(f"{FOLDER}/{self.input}", "w") as file:
            file.write(f"[{began}, {time.monotonic()}]")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.count = len(list(inputs))
        self.next(self.end)

    @step
    def end(self):
        print("joined", self.count)


if __name__ == "__main__":
    BriefFlow()
"""


@pytest.fixture
def brief(project: Project, tmp_path: Path) -> Project:
    marks = tmp_path / "marks"
    marks.mkdir()
    project.write("flow.py", FLOW)
    project.environment["MARKS"] = str(marks)
    return project


def _times(project: Project) -> list[tuple[float, float]]:
    return [tuple(json.loads(file.read_text())) for file in Path(project.environment["MARKS"]).iterdir()]


def _most_at_once(times: list[tuple[float, float]]) -> int:
    changes = sorted([(began, 1) for began, _ in times] + [(ended, -1) for _, ended in times])
    running = most = 0
    for _, change in changes:
        running += change
        most = max(most, running)
    return most


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("start", ["fork", "auto"])
def test_no_more_tasks_run_than_there_are_workers(brief: Project, workers: int, start: str) -> None:
    brief.environment.update({"COUNT": "60", "SECONDS": "0.01"})
    done = brief.run("run", "--max-workers", str(workers), "--task-start", start, check=True)
    assert "joined 60" in done.stdout
    times = _times(brief)
    assert len(times) == 60
    assert _most_at_once(times) <= workers


def test_nothing_begins_after_a_failure_and_resume_does_the_rest(brief: Project) -> None:
    brief.environment.update({"COUNT": "200", "FAILS_AT": "60", "SECONDS": "0.005"})
    failed = brief.run("run", "--max-workers", "2")
    assert failed.returncode == 1
    assert "this one fails" in failed.stdout + failed.stderr
    done_before = len(_times(brief))
    # While the failing task slept, the other worker went on; what waited then was withdrawn.
    assert done_before < 200
    brief.environment["FAILS_AT"] = "-1"
    resumed = brief.run("resume", "--max-workers", "2", check=True)
    assert "joined 200" in resumed.stdout
    assert len(_times(brief)) == 200


def test_mixed_with_fresh_interpreters(brief: Project) -> None:
    mixed = FLOW.replace("import FlowSpec, step", "import FlowSpec, environment, step")
    mixed = mixed.replace("    @step\n    def join", "    @environment(vars={'A': 'b'})\n    @step\n    def join")
    brief.write("flow.py", mixed)
    brief.environment["COUNT"] = "30"
    assert "joined 30" in brief.run("run", "--max-workers", "2", check=True).stdout
