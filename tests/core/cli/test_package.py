"""``package``: what a run would store."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile

import pytest

from support.need import need_program
from support.project import Project
from support.records import latest_run

FLOW = """
from flowkit import FlowSpec, step

class SmallFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    SmallFlow()
"""


@pytest.fixture
def flow(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("sub/helper.py", "x = 1\n")
    project.write("table.csv", "a,b\n")
    return project


def test_list(flow: Project) -> None:
    done = flow.run("package", "list", check=True)
    assert done.stdout.splitlines() == [f"{flow.path}/flow.py", f"{flow.path}/sub/helper.py"]
    assert "Files of the flow's code" in done.stderr
    assert flow.run("package", "list", "--archive", check=True).stdout.split() == ["flow.py", "sub/helper.py"]


@pytest.mark.parametrize("given", [("--package-suffixes", ".csv,.sql"), ("--package-suffixes=csv",)])
def test_suffixes_are_added(flow: Project, given: tuple[str, ...]) -> None:
    listed = flow.run(*given, "package", "list", "--archive", check=True).stdout.split()
    assert listed == ["flow.py", "sub/helper.py", "table.csv"]


def test_suffixes_of_the_environment(flow: Project) -> None:
    option = {"FLOWKIT_PACKAGE_SUFFIXES": ".csv"}
    assert "table.csv" in flow.run("package", "list", "--archive", env=option, check=True).stdout
    setting = {"FLOWKIT_DEFAULT_PACKAGE_SUFFIXES": ".csv"}
    assert flow.run("package", "list", "--archive", env=setting, check=True).stdout.split() == ["flow.py", "table.csv"]


def test_what_is_saved_is_what_a_run_stores(flow: Project) -> None:
    done = flow.run("package", "save", "code.tgz", check=True)
    assert "2 files are in code.tgz" in done.stderr
    content = (flow.path / "code.tgz").read_bytes()
    with tarfile.open(flow.path / "code.tgz") as opened:
        assert "sub/helper.py" in opened.getnames()
    flow.run("run", check=True)
    run = latest_run(flow, "SmallFlow")
    assert run is not None
    assert run.code == hashlib.sha256(content).hexdigest()
    flow.run("--package-suffixes", ".csv", "run", check=True)
    other = latest_run(flow, "SmallFlow")
    assert other is not None
    assert other.code != run.code


def test_info(flow: Project) -> None:
    flow.run("package", "save", "code.tgz", check=True)
    shown = dict(line.split("  ", 1) for line in flow.run("package", "info", check=True).stdout.splitlines())
    facts = {name.strip(): value.strip() for name, value in shown.items()}
    assert facts["SHA-256"] == hashlib.sha256((flow.path / "code.tgz").read_bytes()).hexdigest()
    assert facts["flow"] == "SmallFlow in flow.py"
    assert facts["folder"] == str(flow.path)
    assert facts["files"].startswith("2, ")
    assert facts["left out"] == "nothing"


def test_info_says_what_was_left_out_and_what_git_knows(flow: Project) -> None:
    need_program("git")
    (flow.path / ".flowkitignore").write_text("sub/\n")
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=flow.path, check=True)
    shown = flow.run("package", "info", check=True).stdout
    assert "sub (.gitignore or .flowkitignore)" in shown
    assert "git branch  main" in shown


def test_a_size_that_surprises_is_warned_about(flow: Project) -> None:
    for command in (["info"], ["save", "code.tgz"]):
        done = flow.run("package", *command, env={"FLOWKIT_CODE_WARN_SIZE": "0"}, check=True)
        assert "the largest are flow.py" in done.stderr


def test_what_cannot_be_packed_is_an_error_of_one_line(flow: Project) -> None:
    done = flow.run("package", "save", "code.tgz", env={"FLOWKIT_CODE_MAX_SIZE": "0"})
    assert done.returncode == 1
    assert done.stderr.startswith("Code package: the code in ")
    assert not (flow.path / "code.tgz").exists()
    done = flow.run("package", "save", "nowhere/code.tgz")
    assert (done.returncode, done.stderr) == (
        1,
        "Code package: nowhere/code.tgz can't be written: No such file or directory\n",
    )


def test_the_group_shows_its_commands(flow: Project) -> None:
    shown = flow.run("package", check=True).stdout
    assert all(name in shown for name in ("info", "list", "save"))
