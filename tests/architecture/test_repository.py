"""What is in the repository."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest

from support.need import need_program
from support.sources import ROOT, python_files, tracked_files

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError$|not implemented", re.MULTILINE)


@pytest.fixture
def files() -> list[Path]:
    need_program("git")
    if not (ROOT / ".git").exists():
        return [file for file in ROOT.rglob("*") if file.is_file() and not {".venv", ".git"} & set(file.parts)]
    return list(tracked_files())


def test_no_path_of_a_machine_is_written_down(files: list[Path]) -> None:
    here = [f"{ROOT}/", f"{sys.prefix}/", f"{Path.home()}/"]
    for file in files:
        content = file.read_bytes()
        assert not [path for path in here if path.encode() in content], file


def test_no_index_of_packages_is_named(files: list[Path]) -> None:
    # The hosts are put together here so that this file doesn't name them.
    hosts = [f"{name}.org".encode() for name in ("pypi", "pythonhosted", "npmjs")]
    for file in files:
        content = file.read_bytes()
        assert not [host for host in hosts if host in content], file


def test_no_lock_file_is_kept(files: list[Path]) -> None:
    assert not [file for file in files if file.name == "uv.lock"]
    assert "uv.lock" in (ROOT / ".gitignore").read_text().split()


def test_no_file_is_big(files: list[Path]) -> None:
    assert not [file for file in files if file.stat().st_size > 1_000_000]


def test_requirements_are_pinned_and_have_no_address() -> None:
    sets = sorted((ROOT / "requirements").glob("*.txt"))
    assert sets
    versions: dict[str, str] = {}
    for file in sets:
        for line in file.read_text().splitlines():
            if line and not line.startswith("#"):
                match = re.fullmatch(r"([a-z0-9-]+)==([0-9.]+(?:\.?post[0-9]+)?)(; .*)?", line)
                assert match, f"{file.name}: {line}"
                assert versions.setdefault(match[1], match[2]) == match[2], f"{match[1]} is pinned twice"


def test_every_requirement_of_the_core_is_pinned() -> None:
    project = tomllib.loads((ROOT / "core/pyproject.toml").read_text())["project"]
    pinned = {line.partition("==")[0] for line in (ROOT / "requirements/core.txt").read_text().splitlines()}
    assert {re.split(r"[<>=\[]", one)[0] for one in project["dependencies"]} <= pinned


def test_a_requirement_on_the_core_takes_none_of_another_project() -> None:
    for file in (ROOT / "plugins").glob("*/pyproject.toml"):
        requirements = tomllib.loads(file.read_text())["project"]["dependencies"]
        assert "flowkit>=2" in requirements, file


@pytest.mark.parametrize("file", python_files("core/src", "plugins"), ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_is_left_unfinished(file: Path) -> None:
    found = UNFINISHED.search(file.read_text(encoding="utf-8"))
    assert not found, found


def test_the_tests_see_what_is_installed_not_what_lies_about() -> None:
    """The working tree's sources aren't on the import path by the tests' own doing."""
    spec = importlib.util.find_spec("flowkit")
    assert spec is not None
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert configuration["pythonpath"] == ["tests"]
    assert "src" not in configuration
