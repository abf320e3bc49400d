"""``resume`` into a run of a given id, by one process or several; taking over alone."""

from __future__ import annotations

import pytest

from support.project import Project
from support.records import latest_run, tasks_of
from support.talker import TALKER


@pytest.fixture
def failed(project: Project) -> Project:
    """A project whose run has failed in one of three items, and where the fault is mended."""
    project.write("flow.py", TALKER)
    assert project.run("run", "--n", "3", "--fail", "each", "--max-workers", "1", "--run-id-file", "id").returncode == 1
    (project.path / "mended").touch()
    return project


def steps_of(project: Project) -> list[str]:
    run = latest_run(project, "Talker")
    assert run is not None
    return [task.step for task in tasks_of(project, run)]


def test_the_new_run_has_the_id_that_was_given(failed: Project) -> None:
    assert "Run Talker/mine started" in failed.run("resume", "--run-id", "mine", check=True).stderr
    again = failed.run("resume", "--run-id", "mine")
    assert again.returncode == 1
    assert "there is a run Talker/mine already" in again.stderr


@pytest.mark.parametrize(("run_id", "words"), [("12", "a number"), ("a/b", "no slash")])
def test_an_id_that_cant_be_is_refused(failed: Project, run_id: str, words: str) -> None:
    done = failed.run("resume", "--run-id", run_id)
    assert done.returncode == 2
    assert words in done.stderr


def test_what_can_be_taken_over_is_and_nothing_runs(failed: Project) -> None:
    done = failed.run("resume", "--clone-only", "--run-id", "copy", check=True)
    assert "nothing was run" in done.stderr
    assert "item" not in done.stdout
    assert steps_of(failed) == ["start", "each"]
    # What was taken over can be taken over again.
    more = failed.run("resume", "--origin-run-id", "copy", "--no-clone-only", check=True)
    assert "each: 1 task taken from run copy" in more.stderr
    whole = failed.run("resume", "--clone-only", check=True)
    assert "succeeded" in whole.stderr
    assert len(steps_of(failed)) == 6


def test_many_branches_wait_for_none(project: Project) -> None:
    project.write("flow.py", TALKER)
    project.run("run", "--n", "30", check=True)
    done = project.run("resume", "--clone-only", "join", "--max-workers", "2", check=True)
    assert "each: 30 tasks taken" in done.stderr


def test_of_several_processes_one_resumes_and_the_others_wait(failed: Project) -> None:
    together = [
        failed.popen("resume", "--reentrant", "--run-id", "shared", "--resume-identifier", f"pod-{number}")
        for number in range(3)
    ]
    said = [process.communicate(timeout=60) for process in together]
    assert [process.returncode for process in together] == [0, 0, 0], said
    assert sum("Run Talker/shared started" in stderr for _, stderr in said) == 1
    assert sum(stdout.count("item 1") for stdout, _ in said) == 1
    late = failed.run("resume", "--reentrant", "--run-id", "shared", check=True)
    assert "started" not in late.stderr


def test_the_process_that_began_goes_on_if_it_is_started_again(failed: Project) -> None:
    options = ("resume", "--reentrant", "--run-id", "shared", "--clone-only", "--resume-identifier")
    failed.run(*options, "pod-1", check=True)
    assert "started" not in failed.run(*options, "pod-2", check=True).stderr
    again = failed.run(*options, "pod-1", check=True)
    assert "Run Talker/shared started" in again.stderr
    assert steps_of(failed) == ["start", "each"]


#: A launching process whose store takes nothing for a moment.
REFUSED = """
    import runpy
    import sys

    from flowkit.builtin.local_datastore import LocalDatastore
    from flowkit.errors import StorageFull

    def refuse(self, key, parts, *, overwrite=False):
        raise StorageFull("no space is left")

    LocalDatastore.put = refuse
    sys.argv = ["flow.py", *sys.argv[1:]]
    runpy.run_path("flow.py", run_name="__main__")
"""


def test_what_a_run_has_stays_though_who_goes_on_with_it_fails_at_once(failed: Project) -> None:
    options = ("resume", "--reentrant", "--run-id", "shared", "--clone-only", "--resume-identifier", "pod-1")
    failed.run(*options, check=True)
    failed.write("refused.py", REFUSED)
    again = failed.python("refused.py", *options)
    assert again.returncode == 1
    assert "no space is left" in again.stderr
    assert steps_of(failed) == ["start", "each"]
    failed.run("resume", "--origin-run-id", "shared", check=True)


def test_reentrant_needs_an_id_and_no_reentrant_is_the_default(failed: Project) -> None:
    done = failed.run("resume", "--reentrant")
    assert done.returncode == 2
    assert "--run-id" in done.stderr
    alone = failed.run("resume", "--resume-identifier", "x")
    assert alone.returncode == 2
    assert "--resume-identifier needs --reentrant" in alone.stderr
    failed.run("resume", "--no-reentrant", check=True)


def test_another_origin_is_refused(failed: Project) -> None:
    failed.run("resume", "--reentrant", "--run-id", "shared", check=True)
    done = failed.run("resume", "--reentrant", "--run-id", "shared", "--origin-run-id", "shared")
    assert done.returncode == 1
    assert "Talker/shared resumes the run" in done.stderr
