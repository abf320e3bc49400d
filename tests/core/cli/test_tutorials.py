"""``flowkit tutorials``: what comes with an installation, and that it never takes the place of a user's file."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from support.project import Project
from support.sources import ROOT

SOURCE = ROOT / "docs/tutorial"
NAMES = sorted(page.parent.name for page in SOURCE.glob("[0-9][0-9]-*/README.md"))


def test_list_shows_all_with_what_they_are_about(project: Project) -> None:
    done = project.flowkit("tutorials", "list", check=True)
    heads = [line for line in done.stdout.splitlines() if line and not line.startswith(" ")]
    assert [line.partition(":")[0] for line in heads] == NAMES
    assert heads[0] == "00-hello: Hello"
    assert "flowkit tutorials pull" in done.stderr


def test_pull_copies_all_and_they_run(project: Project) -> None:
    done = project.flowkit("tutorials", "pull", check=True)
    assert done.stdout.splitlines() == [f"flowkit-tutorials/{name}" for name in NAMES]
    for name in NAMES:
        copied = project.path / "flowkit-tutorials" / name
        files = {file.name for file in copied.iterdir()}
        assert files == {file.name for file in (SOURCE / name).glob("*.*")}
        assert all((copied / file).read_bytes() == (SOURCE / name / file).read_bytes() for file in files)
    ran = project.python("flowkit-tutorials/00-hello/hello.py", "run", check=True)
    assert "Hello, world!" in ran.stdout


def test_pull_never_overwrites(project: Project) -> None:
    project.write("here/00-hello/hello.py", "mine = 1\n")
    done = project.flowkit("tutorials", "pull", "--episode", "00", "--to", "here", check=True)
    assert (project.path / "here/00-hello/hello.py").read_text() == "mine = 1\n"
    assert (project.path / "here/00-hello/README.md").exists()
    assert done.stderr == "here/00-hello/hello.py is there already and stays as it is\n"
    again = project.flowkit("tutorials", "pull", "--episode", "00-hello", "--to", "here", check=True)
    assert again.stderr.count("\n") == 1, "a file that is the same needs no word"


def test_pull_to_a_place_that_cant_be_written(project: Project) -> None:
    project.write("file", "x")
    done = project.flowkit("tutorials", "pull", "--to", "file")
    assert done.returncode == 1
    assert "00-hello can't be copied to file/00-hello" in done.stderr
    assert "--to" in done.stderr


def test_info_shows_the_page(project: Project) -> None:
    done = project.flowkit("tutorials", "info", "--episode", "00-hello", check=True)
    assert done.stdout == (SOURCE / "00-hello/README.md").read_text()


@pytest.mark.parametrize("command", ["info", "pull"])
@pytest.mark.parametrize("name", ["99-none", "0"])
def test_a_tutorial_that_isnt_there(project: Project, command: str, name: str) -> None:
    done = project.flowkit("tutorials", command, "--episode", name)
    assert done.returncode == 2
    assert f"there is no tutorial '{name}'" in done.stderr
    assert "00-hello, 01-table" in done.stderr


def test_the_wheel_has_every_tutorial(tmp_path: Path) -> None:
    program = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=ROOT / "core",
        capture_output=True,
        text=True,
        check=True,
    )
    with zipfile.ZipFile(tmp_path / done.stdout.splitlines()[-1]) as wheel:
        inside = {name for name in wheel.namelist() if name.startswith("flowkit/tutorials/")}
    there = {f"flowkit/tutorials/{name}/{file.name}" for name in NAMES for file in (SOURCE / name).glob("*.*")}
    assert inside == there
    listed = tomllib.loads((ROOT / "core/pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert [Path(one).name for one in listed["force-include"]] == NAMES
