"""Runs of real flows, read back."""

from __future__ import annotations

import json
import platform

import pytest

import flowkit
from flowkit.client import Flow, Task, metadata
from support.project import Project

FLOW = """
    from dataclasses import dataclass

    from flowkit import FlowSpec, Parameter, Task, current, retry, step

    @dataclass
    class Score:
        value: float

    class Scores(FlowSpec):
        alpha = Parameter("alpha", default=3)
        broken = Parameter("broken", default=False)

        @step(start=True)
        def begin(self):
            self.names = ["a", "b"]
            run = Task(current.pathspec).parent.parent
            run.add_tag("seen from inside")
            self.given = run["_parameters"].task.data.alpha
            self.next(self.work, foreach="names")

        @retry(times=1, minutes_between_retries=0)
        @step
        def work(self):
            print("attempt", current.retry_count)
            if self.input == "b" and current.retry_count == 0:
                raise ValueError("not yet")
            self.score = Score(self.index + 0.5)
            self.next(self.join)

        @step
        def join(self, inputs):
            self.best = max((one.score for one in inputs), key=lambda score: score.value)
            self.next(self.finish)

        @step(end=True)
        def finish(self):
            if self.broken:
                raise RuntimeError("broken on purpose")
            print("done")

    if __name__ == "__main__":
        Scores()
"""


@pytest.fixture
def scores(project: Project) -> Project:
    """A project whose flow can be run, and a client that reads from it."""
    project.write("flow.py", FLOW)
    metadata(f"local@{project.path}")
    return project


def test_a_run_is_read_back(scores: Project) -> None:
    scores.run("run", "--alpha", "4", "--tag", "mine", check=True)
    run = Flow("Scores").latest_run
    assert run is not None
    assert run == Flow("Scores").latest_successful_run
    assert run.finished
    assert run.successful
    assert {"mine", "seen from inside"} == run.user_tags
    assert [step.id for step in run] == ["finish", "join", "work", "begin"]
    assert run.end_task is not None
    assert run.end_task.stdout == "done\n"
    assert run.data is not None
    assert run.data.best.value == 1.5
    assert type(run.data.best).__name__ == "Score"
    assert run.data.alpha == 4
    assert [task.index for task in run["work"]] == [1, 0]
    assert [step.id for step in run["work"].parent_steps] == ["begin"]
    assert [step.id for step in run["work"].child_steps] == ["join"]
    begin = run["begin"].task
    assert begin is not None
    assert [task.data.score.value for task in begin.child_tasks] == [0.5, 1.5]
    parameters = Task(f"{run.pathspec}/_parameters/0")
    assert parameters.data.alpha == begin.data.given == 4
    assert begin.metadata_dict.items() >= {
        ("user", "tester"),
        ("runtime", "dev"),
        ("python_version", platform.python_version()),
        ("flowkit_version", flowkit.__version__),
        ("script-name", "flow.py"),
    }
    join = run["join"].task
    assert join is not None
    assert [task.index for task in join.parent_tasks] == [0, 1]


def test_attempts_of_a_real_run(scores: Project) -> None:
    scores.run("run", check=True)
    run = Flow("Scores").latest_run
    assert run is not None
    retried = next(task for task in run["work"] if task.index == 1)
    assert retried.current_attempt == 1
    assert retried.stdout == "attempt 1\n"
    assert retried.exception is None
    first = Task(retried.pathspec, attempt=0)
    assert first.stdout == "attempt 0\n"
    assert not first.successful
    assert "ValueError: not yet" in first.stderr
    assert first.exception is not None
    assert (first.exception.type, first.exception.exception) == ("builtins.ValueError", "not yet")
    assert "flow.py" in first.exception.stacktrace
    assert retried.metadata_dict["attempt"] == "1"
    assert first.metadata_dict["attempt_ok"] == "False"


def test_a_run_that_failed_and_was_resumed(scores: Project) -> None:
    assert scores.run("run", "--broken", "True").returncode == 1
    failed = Flow("Scores").latest_run
    assert failed is not None
    assert failed.finished
    assert not failed.successful
    assert failed.end_task is not None
    assert failed.end_task.exception is not None
    assert failed.end_task.exception.exception == "broken on purpose"
    flow_file = scores.path / "flow.py"
    flow_file.write_text(flow_file.read_text().replace("if self.broken", "if False"))
    scores.run("resume", check=True)
    resumed = Flow("Scores").latest_run
    assert resumed is not None
    assert resumed != failed
    assert resumed.successful
    assert resumed.origin_pathspec == failed.pathspec
    copied = next(task for task in resumed["work"] if task.index == 1)
    assert copied.origin_pathspec is not None
    origin = Task(copied.origin_pathspec)
    assert copied.data.score == origin.data.score
    assert copied.stdout == origin.stdout == "attempt 1\n"
    assert copied.metadata_dict["origin-run-id"] == failed.id
    assert copied.metadata_dict["origin-task-id"] == origin.id
    assert copied.metadata_dict["pid"] == origin.metadata_dict["pid"]
    assert resumed.end_task is not None
    assert resumed.end_task.origin_pathspec is None
    parameters = resumed["_parameters"]
    assert parameters.origin_pathspec == f"{failed.pathspec}/_parameters"
    assert parameters.task is not None
    assert (parameters.task.data.broken, parameters.task.origin_pathspec) == (True, None)


def test_another_process_reads_what_the_flow_defines(scores: Project) -> None:
    scores.run("run", check=True)
    script = (
        "import json\n"
        "from flowkit import Flow, FlowKit\n"
        "run = Flow('Scores').latest_run\n"
        "print(json.dumps([repr(FlowKit().flows), run.data.best.value, [t.data.score.value for t in run['work']]]))"
    )
    done = scores.python("-c", script, check=True)
    assert json.loads(done.stdout) == ["[Flow('Scores')]", 1.5, [1.5, 0.5]]
