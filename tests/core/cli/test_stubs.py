"""``flowkit stubs``: what it writes, and what it leaves alone."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from support.distributions import Site
from support.project import Project
from support.virtual_environment import VirtualEnvironment

PLUGIN = '''
from types import ModuleType
from flowkit.plugin import Provider, StepDecorator, hookimpl

class Announce(StepDecorator):
    """Says something of each task.

    And more.
    """
    name = "announce"
    defaults = {"greeting": "hi", "volume": 1, "loud": False, "more": None, "list": [1]}

class Bare(StepDecorator):
    name = "bare"

class Odd(StepDecorator):
    name = "odd"
    defaults = {"not-a-name": 1}

def missing():
    raise ImportError("no SDK")

@hookimpl
def flowkit_step_decorators():
    yield Provider("announce", lambda: Announce, help="a")
    yield Provider("bare", lambda: Bare, help="b")
    yield Provider("odd", lambda: Odd, help="c")
    yield Provider("broken", missing, help="d")

def module(name):
    made = ModuleType(name)
    made.one = made._two = 1
    return made

@hookimpl
def flowkit_modules():
    yield Provider("acme", lambda: module("acme_watch.acme"), help="e")
    yield Provider("acme.deep", lambda: module("acme_watch.deep"), help="f")
'''


def signatures(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            found.setdefault(node.name, []).append(f"({ast.unparse(node.args)}) -> {ast.unparse(node.returns or node)}")
    return found


@pytest.fixture
def folder(project: Project, site: Site) -> Path:
    """What it wrote for a plugin."""
    site.plugin("acme-watch", PLUGIN)
    project.environment["PYTHONPATH"] = str(site.folder)
    return written(project)


def written(project: Project) -> Path:
    done = project.flowkit("stubs", "--output", "types", check=True)
    assert done.stdout == "types/flowkit-stubs\n"
    assert "acme" in done.stderr
    assert "no types are known of broken of plugin" in done.stderr
    return project.path / "types/flowkit-stubs"


def test_what_is_written(folder: Path) -> None:
    assert (folder / "py.typed").read_text() == "partial\n"
    text = (folder / "__init__.pyi").read_text()
    function = "Callable[[_StepFunction], _StepFunction]"
    found = signatures(text)
    assert found["announce"] == [
        "(function: _StepFunction, /) -> _StepFunction",
        "(*, greeting: str='hi', volume: float=1, loud: bool=False, more: Any=None, list: Any=...) -> " + function,
    ]
    assert found["bare"] == ["(function: _StepFunction, /) -> _StepFunction", f"() -> {function}"]
    assert found["odd"][1] == f"(**attributes: Any) -> {function}"
    assert found["broken"] == ["(*args: Any, **attributes: Any) -> Any"]
    assert '"""Says something of each task."""' in text
    for name in ("FlowSpec", "Parameter", "Run", "current", "__version__"):
        assert name in text
    assert "one as one" in (folder / "acme/__init__.pyi").read_text()
    assert "_two" not in (folder / "acme/deep.pyi").read_text()


def test_it_is_written_again_and_nothing_of_others_is_lost(project: Project, folder: Path) -> None:
    (folder / "gone.pyi").write_text((folder / "__init__.pyi").read_text())
    assert not (written(project) / "gone.pyi").exists()
    (folder / "mine.pyi").write_text("x: int\n")
    refused = project.flowkit("stubs", "--output", "types")
    assert refused.returncode == 2
    assert "has files that 'flowkit stubs' didn't write (mine.pyi)" in refused.stderr
    assert (folder / "mine.pyi").exists()


def test_options_that_exclude_each_other(project: Project) -> None:
    refused = project.flowkit("stubs", "--install", "--output", "x")
    assert refused.returncode == 2
    assert "give one of them" in refused.stderr


def test_a_folder_that_cant_be_written(project: Project) -> None:
    (project.path / "file").write_text("")
    refused = project.flowkit("stubs", "--output", "file")
    assert refused.returncode == 1
    assert "can't be written" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_what_is_installed_can_be_uninstalled(project: Project, tmp_path: Path) -> None:
    environment = VirtualEnvironment.make(tmp_path / "venv")
    environment.use_in(project)
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    before = set(site.iterdir())
    for _ in range(2):
        subprocess.run([environment.programs / "flowkit", "stubs", "--install"], check=True, env=project.environment)
        assert (site / "flowkit-stubs/__init__.pyi").exists()
    subprocess.run([environment.programs / "pip", "uninstall", "flowkit-stubs"], check=True, env=project.environment)
    assert set(site.iterdir()) == before
