from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flowkit.cli.commands.plugins.scaffold import PARTS
from support.project import Project


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_the_tests_of_a_new_plugin_pass(project: Project) -> None:
    project.flowkit("plugins", "new", "my-tools", "--kind", ",".join(PARTS), check=True)
    folder = project.path / "flowkit-my-tools"
    # The store's own contract takes long: it is run in parts, as the tutorial's is whole.
    done = pytest_in(folder, "-k", "not TestMyToolsDatastore or put or get or log")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (folder / "src/flowkit_my_tools/py.typed").is_file()


@pytest.mark.parametrize("kind", list(PARTS))
def test_each_kind_alone(project: Project, kind: str) -> None:
    project.flowkit("plugins", "new", "solo", "--kind", kind, "--path", "here", check=True)
    done = pytest_in(project.path / "here", "tests/test_plugin.py")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_name_of_the_core_s_for_another_kind_is_free(project: Project) -> None:
    """Nor does the name of a command shadow what its module imports."""
    project.flowkit("plugins", "new", "closing", "--kind", "command", "--path", "one", check=True)
    project.flowkit("plugins", "new", "gc", "--kind", "command", "--path", "two", check=True)
    project.flowkit("plugins", "new", "retry", "--kind", "observer", "--path", "three", check=True)
    for folder in ("one", "two", "three"):
        done = pytest_in(project.path / folder)
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_written_is_clean(project: Project) -> None:
    """By the linter, the formatter and the type checker, with rules that many projects have."""
    project.flowkit("plugins", "new", "my-tools", "--kind", ",".join(PARTS), check=True)
    folder = project.path / "flowkit-my-tools"
    for command in (
        ["ruff", "check", "--select", "E,F,W,I,B,UP", "--line-length", "120", "."],
        ["ruff", "format", "--check", "--line-length", "120", "."],
        ["mypy", "--strict", "src"],
    ):
        done = subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "{{" not in "".join(file.read_text() for file in folder.rglob("*") if file.suffix in (".py", ".toml", ".md"))


def test_nothing_is_overwritten(project: Project) -> None:
    (project.path / "flowkit-acme").mkdir()
    project.write("flowkit-acme/README.md", "mine")
    done = project.flowkit("plugins", "new", "acme")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("Usage error: flowkit-acme isn't empty, and nothing is overwritten")
    assert [file.name for file in (project.path / "flowkit-acme").iterdir()] == ["README.md"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["Über"], "can't be a plugin's name"),
        (["a/b"], "can't be a plugin's name"),
        (["9lives"], "can't be a plugin's name"),
        (["builtin"], "can't be a plugin's name"),
        (["class"], "can't be a plugin's name: it is a keyword of Python"),
        (["plugins"], "can't be a plugin's name: it would make flowkit_plugins"),
        (["aws"], "there is a flowkit-aws already, which comes with FlowKit"),
        (["retry"], "there is a step decorator 'retry' of FlowKit's own"),
        (["step"], "flowkit.step is FlowKit's own"),
        (["run", "--kind", "command"], "there is a command 'run' of FlowKit's own"),
        (["json", "--kind", "serializer"], "there is a serializer 'json' of FlowKit's own"),
        (["local", "--kind", "observer,datastore"], "there is a datastore 'local' of FlowKit's own"),
        (["file", "--kind", "secrets-provider"], "there is a secrets provider 'file' of FlowKit's own"),
        (["acme", "--kind", "datastore,dream"], "there is no template for 'dream'; there are: datastore, "),
        (["acme", "--path", "a-file"], "a-file can't be written: "),
    ],
)
def test_what_cannot_be_made_says_so(project: Project, arguments: list[str], words: str) -> None:
    project.write("a-file", "")
    done = project.flowkit("plugins", "new", *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert [path.name for path in project.path.iterdir()] == ["a-file"]


def test_json_says_what_was_written(project: Project) -> None:
    report = json.loads(project.flowkit("plugins", "new", "flowkit-acme", "--json", check=True).stdout)
    assert (report["name"], report["distribution"], report["path"]) == ("acme", "flowkit-acme", "flowkit-acme")
    assert all((project.path / file).is_file() for file in report["files"])
    assert "flowkit-acme/src/flowkit_acme/step_decorator.py" in report["files"]
