"""The tools that tests use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.project import Project


@pytest.mark.task_start("auto", reason="the option adds a variable")
def test_a_program_sees_only_what_the_project_gives_it(project: Project) -> None:
    project.write(
        "flow.py", "import os, sys; print(sorted(k for k in os.environ if k.startswith('FLOWKIT')), sys.argv)"
    )
    done = project.run("a", "b", check=True, env={"FLOWKIT_X": "1", "FLOWKIT_USER": None})
    assert done.stdout == "['FLOWKIT_HOME', 'FLOWKIT_X'] ['flow.py', 'a', 'b']\n"


def test_a_failure_shows_both_streams(project: Project) -> None:
    project.write("flow.py", "import sys; print('out'); sys.exit('err')")
    with pytest.raises(AssertionError, match=r"ended with 1\n--- stdout\nout\n\n--- stderr\nerr"):
        project.run(check=True)
    assert project.run().returncode == 1


@pytest.mark.task_start("auto", reason="the option adds a variable")
def test_the_test_itself_runs_in_a_clean_place(tmp_path: Path) -> None:
    assert Path.cwd() == tmp_path
    assert {name for name in os.environ if name.startswith("FLOWKIT_")} == {"FLOWKIT_HOME", "FLOWKIT_USER"}
    assert "PYTHONUNBUFFERED" not in os.environ
