"""``resume`` on the command line."""

from __future__ import annotations

import re

import attrs
import pytest

from support.project import Project
from support.talker import TALKER


@pytest.fixture
def failed(project: Project) -> Project:
    """A project whose run has failed in one of three items, and where the fault is mended."""
    project.write("flow.py", TALKER)
    assert project.run("run", "--n", "3", "--fail", "each", "--max-workers", "1", "--run-id-file", "id").returncode == 1
    (project.path / "mended").touch()
    return project


def started(stderr: str) -> list[str]:
    """Steps whose tasks were started, in order."""
    return re.findall(r"/(\w+)/\w+ \(pid \d+\)\] started", stderr)


def test_what_finished_is_taken_over_and_the_parameters_too(failed: Project) -> None:
    origin = (failed.path / "id").read_text()
    done = failed.run("resume", "--run-id-file", "id", check=True)
    assert f"started, resuming {origin}" in done.stderr
    assert f"start: 1 task taken from run {origin}" in done.stderr
    assert f"each: 1 task taken from run {origin}" in done.stderr
    assert sorted(started(done.stderr)) == ["each", "each", "end", "join"]
    assert "item 0" not in done.stdout
    run = (failed.path / "id").read_text()
    assert run != origin
    assert "total: int = 6" in failed.run("dump", f"{run}/join", check=True).stdout


def test_the_store_of_the_origin_counts_and_not_the_one_that_is_configured_now(project: Project) -> None:
    project.write("flow.py", TALKER)
    elsewhere = project.path / "elsewhere"
    failed = project.run("--datastore-root", str(elsewhere), "run", "--n", "3", "--fail", "each", "--run-id-file", "id")
    assert failed.returncode == 1
    (project.path / "mended").touch()
    origin = (project.path / "id").read_text()

    done = project.run("resume", "--run-id-file", "id", check=True)
    assert f"Stored with Talker/{origin}, in local at {elsewhere}" in done.stderr
    assert "start: 1 task taken" in done.stderr
    run = (project.path / "id").read_text()
    assert (elsewhere / "Talker" / "runs" / run).is_dir()
    assert "total: int = 6" in project.run("dump", f"{run}/join", check=True).stdout

    elsewhere.rename(project.path / "moved")
    lost = project.run("resume", "join")
    assert lost.returncode == 1
    assert str(elsewhere) in lost.stderr
    assert "--datastore-root" in lost.stderr
    moved = str(project.path / "moved")
    project.run("--datastore-root", moved, "resume", "join", "--run-id-file", "id", check=True)
    assert (project.path / "moved" / "Talker" / "runs" / (project.path / "id").read_text()).is_dir()


def test_a_project_that_was_moved_is_resumed_where_it_is(failed: Project) -> None:
    moved = attrs.evolve(failed, path=failed.path.rename(failed.path.with_name("moved")))
    done = moved.run("resume", check=True)
    assert "each: 1 task taken" in done.stderr
    assert not failed.path.exists()


def test_a_step_is_run_again_with_all_after_it(failed: Project) -> None:
    failed.run("resume", check=True)
    done = failed.run("resume", "join", check=True)
    assert started(done.stderr) == ["join", "end"]
    assert "each: 3 tasks taken from run" in done.stderr


def test_the_origin_can_be_named(failed: Project) -> None:
    origin = (failed.path / "id").read_text()
    failed.run("run", "--n", "1", check=True)
    done = failed.run("resume", "--origin-run-id", origin, check=True)
    assert f"resuming {origin}" in done.stderr
    by_variable = failed.run("resume", env={"FLOWKIT_RESUME_ORIGIN_RUN_ID": origin}, check=True)
    assert f"resuming {origin}" in by_variable.stderr


def test_the_output_of_a_task_that_was_taken_over_is_still_shown(failed: Project) -> None:
    failed.run("resume", "--run-id-file", "id", check=True)
    run = (failed.path / "id").read_text()
    assert failed.run("logs", "--stdout", f"{run}/start", check=True).stdout == "hello\nno end"


def test_tags_arent_inherited_and_can_be_given(failed: Project) -> None:
    assert "tags ['again']" in failed.run("resume", "--tag", "again", check=True).stdout


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (["nostep"], 1, ["'nostep'", "start, each, join, end"]),
        (["--origin-run-id", "12"], 1, ["Talker/12"]),
        (["--n", "3"], 2, ["--n", "resumed"]),
        (["--the-word", "x"], 2, ["--the-word", "resumed"]),
        (["--nothing"], 2, ["--nothing"]),
    ],
)
def test_what_cant_be_resumed_is_told(failed: Project, args: list[str], status: int, words: list[str]) -> None:
    done = failed.run("resume", *args)
    assert done.returncode == status
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_nothing_to_resume(project: Project) -> None:
    project.write("flow.py", TALKER)
    done = project.run("resume")
    assert done.returncode == 1
    assert "Can't resume: Talker has no run" in done.stderr
