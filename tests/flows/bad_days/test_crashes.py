"""What a task's crash, its time running out or its recursion shows: the user's own frames, whoever starts the task."""

from __future__ import annotations

import re

import pytest

from support.project import Project

FLOW = """
import ctypes, os, time

from flowkit import FlowSpec, catch, step, timeout


class CrashFlow(FlowSpec):
    DECORATORS
    @step
    def start(self):
        self.fall()
        self.next(self.end)

    def fall(self):
        BODY

    @step
    def end(self):
        print(getattr(self, "caught", None))


if __name__ == "__main__":
    CrashFlow()
"""
STARTS = pytest.mark.parametrize("start", ["fork", "spawn"])


def stderr_of(project: Project, body: str, start: str, *, decorators: str = "", status: int = 1) -> str:
    """Run the flow whose first step does ``body``. Returns what that step wrote to stderr, as it is stored."""
    project.write("flow.py", FLOW.replace("BODY", body).replace("DECORATORS", decorators))
    done = project.run("run", "--task-start", start)
    assert done.returncode == status, done.stderr
    found = re.search(r"Run CrashFlow/(\d+) started", done.stderr)
    assert found
    assert project.run("show").returncode == 0
    return project.run("logs", f"{found[1]}/start", "--stderr", check=True).stdout


@STARTS
def test_a_segmentation_fault_shows_the_users_own_frames(project: Project, start: str) -> None:
    lines = stderr_of(project, "ctypes.string_at(0)", start).splitlines()
    assert lines[:2] == ["Fatal Python error: Segmentation fault", "Stack (most recent call first):"]
    assert re.fullmatch(r'  File ".*ctypes/__init__\.py", line \d+ in string_at', lines[2])
    assert re.fullmatch(r'  File ".*/flow\.py", line 14 in fall', lines[3])
    assert re.fullmatch(r'  File ".*/flow\.py", line 10 in start', lines[4])
    assert lines[5:] == ["the task's process ended by signal 11 (segmentation fault)"]


@STARTS
def test_a_crash_of_a_process_that_the_task_forked_is_shown_too(project: Project, start: str) -> None:
    body = "os.fork() or ctypes.string_at(0); os.wait()"
    lines = stderr_of(project, body, start, status=0).splitlines()
    assert lines[0] == "Fatal Python error: Segmentation fault"
    assert lines[-1].endswith("in start")


@STARTS
def test_an_abort_after_output_begins_on_a_line_of_its_own(project: Project, start: str) -> None:
    lines = stderr_of(project, "os.write(2, b'halfway'); os.abort()", start).splitlines()
    assert lines[:2] == ["halfway", "Fatal Python error: Aborted"]
    assert lines[-1] == "the task's process ended by signal 6 (aborted)"


@STARTS
def test_a_timeout_shows_where_the_step_was(project: Project, start: str) -> None:
    lines = stderr_of(project, "time.sleep(60)", start, decorators="@timeout(seconds=1)").splitlines()
    assert [line for line in lines if line.startswith("  File")] == [
        f'  File "{name_in(lines)}", line 10, in start',
        f'  File "{name_in(lines)}", line 14, in fall',
    ]
    assert lines[-1] == "flowkit.errors.StepTimeout: step 'start' ran longer than its @timeout of 1 s"


@STARTS
def test_a_caught_timeout_shows_the_same(project: Project, start: str) -> None:
    text = stderr_of(
        project, "time.sleep(60)", start, decorators='@catch(var="caught")\n    @timeout(seconds=1)', status=0
    )
    assert "in raise_timeout" not in text
    assert [line[:10] for line in text.splitlines() if "File " in line] == [">    File "] * 2
    shown = project.run("dump", f"{latest(project)}/start", "--include", "caught", check=True).stdout
    assert "raise_timeout" not in shown


@STARTS
def test_deep_recursion_is_an_exception_of_the_step(project: Project, start: str) -> None:
    text = stderr_of(project, "self.fall()", start)
    assert text.endswith("RecursionError: maximum recursion depth exceeded\n")
    assert len(text.splitlines()) < 20
    assert "/flowkit/" not in text


def name_in(lines: list[str]) -> str:
    found = re.search(r'File "(.*)"', "\n".join(lines))
    assert found
    return found[1]


def latest(project: Project) -> str:
    runs = sorted((project.store / "CrashFlow" / "runs").iterdir())
    return runs[-1].name
