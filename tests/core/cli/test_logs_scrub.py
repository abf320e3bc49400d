"""``logs show`` and ``logs scrub``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.project import Project
from support.talker import TALKER


@pytest.fixture
def ran(project: Project) -> Project:
    project.write("flow.py", TALKER)
    project.run("run", "--run-id-file", "id", check=True)
    return project


def run_id(project: Project) -> str:
    return (project.path / "id").read_text()


def shown(project: Project, path: str, *options: str) -> str:
    return project.run("logs", "show", f"{run_id(project)}/{path}", *options, check=True).stdout


MARK = re.compile(r"\[scrubbed by tester at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]\n")


def test_show_is_what_a_path_alone_means(ran: Project) -> None:
    assert shown(ran, "start", "--stdout") == "hello\nno end"
    assert ran.run("logs", "--stdout", f"{run_id(ran)}/start", check=True).stdout == "hello\nno end"
    assert "scrub" in ran.run("logs", check=True).stdout


def test_both_streams_are_replaced_by_a_mark_and_nothing_else_changes(ran: Project) -> None:
    before = shown(ran, "each/3")
    done = ran.run("logs", "scrub", f"{run_id(ran)}/start", check=True)
    assert f"{run_id(ran)}/start/1, attempt 0: scrubbed" in done.stderr
    assert MARK.fullmatch(shown(ran, "start", "--stdout"))
    assert MARK.fullmatch(shown(ran, "start", "--stderr"))
    assert shown(ran, "each/3") == before
    assert not any(b"hello" in file.read_bytes() for file in ran.store.rglob("*.log"))


@pytest.mark.parametrize(
    ("option", "stays", "goes"), [("--stdout", "--stderr", "--stdout"), ("--stderr", "--stdout", "--stderr")]
)
def test_one_stream_can_be_scrubbed(ran: Project, option: str, stays: str, goes: str) -> None:
    before = shown(ran, "start", stays)
    ran.run("logs", "scrub", option, f"{run_id(ran)}/start/1", check=True)
    assert shown(ran, "start", stays) == before
    assert MARK.fullmatch(shown(ran, "start", goes))
    refused = ran.run("logs", "scrub", "--no-both", f"{run_id(ran)}/start/1")
    assert refused.returncode == 2


def test_each_task_of_a_step(ran: Project) -> None:
    ran.run("logs", "scrub", f"{run_id(ran)}/each", check=True)
    assert len(MARK.findall(shown(ran, "each"))) == 2


RETRIED = """
    from flowkit import FlowSpec, current, retry, step


    class Retried(FlowSpec):
        @retry(times=2)
        @step
        def start(self):
            print("attempt", current.retry_count)
            if current.retry_count < 2:
                raise ValueError
            self.next(self.end)

        @step
        def end(self):
            print()


    if __name__ == "__main__":
        Retried()
"""


def attempts(project: Project) -> list[bool]:
    return [bool(MARK.fullmatch(shown(project, "start", "--stdout", "--attempt", str(number)))) for number in range(3)]


def test_the_latest_attempt_one_attempt_or_all(project: Project) -> None:
    project.write("flow.py", RETRIED)
    project.run("run", "--run-id-file", "id", check=True)
    path = f"{run_id(project)}/start/1"
    project.run("logs", "scrub", "--latest", path, check=True)
    assert attempts(project) == [False, False, True]
    project.run("logs", "scrub", "--attempt", "0", path, check=True)
    assert attempts(project) == [True, False, True]
    both = project.run("logs", "scrub", path, "--all", "--attempt", "0")
    assert both.returncode == 2
    assert "--attempt names one attempt, and --all means each" in both.stderr
    assert attempts(project) == [True, False, True]
    project.run("logs", "scrub", "--all", path, check=True)
    assert attempts(project) == [True, True, True]
    missing = project.run("logs", "scrub", "--attempt", "3", path)
    assert missing.returncode == 1
    assert "no such attempt" in missing.stderr


def test_what_isnt_done_is_left_unless_that_is_asked_for(project: Project) -> None:
    killing = "\n            ".join(
        [
            "import os, pathlib, time",
            "while not list(pathlib.Path('.flowkit').rglob('*.log')):",
            "    time.sleep(0.01)",
            "os.kill(os.getppid(), 9)",
            "time.sleep(60)",
            "if 0:",
        ]
    )
    project.write("flow.py", RETRIED.replace("if current.retry_count < 2:", killing))
    project.run("run", "--run-id-file", "id", "--task-start", "spawn")
    path = f"{run_id(project)}/start/1"
    refused = project.run("logs", "scrub", path)
    assert refused.returncode == 1
    assert "--include-not-done" in refused.stderr
    project.run("logs", "scrub", "--include-not-done", path, check=True)
    assert MARK.fullmatch(shown(project, "start", "--stdout"))


def test_a_task_that_was_taken_over_is_scrubbed_where_it_ran(ran: Project) -> None:
    origin = run_id(ran)
    ran.run("resume", "end", "--run-id-file", "id", check=True)
    assert run_id(ran) != origin
    ran.run("logs", "scrub", f"{run_id(ran)}/start", check=True)
    assert MARK.fullmatch(shown(ran, "start", "--stdout"))
    Path(ran.path / "id").write_text(origin)
    assert MARK.fullmatch(shown(ran, "start", "--stdout"))
