"""Flows, good ones and bad ones, by mypy and pyright: with FlowKit alone, and with what plugins add."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from support.need import missing, need_module, need_program
from support.virtual_environment import VirtualEnvironment

FLOWS = Path(__file__).parent / "flows"
CORE = ["core_flow.py", "unannotated_flow.py", "wrong_flow.py"]
PLUGINS = ["plugins_flow.py", "wrong_plugins_flow.py"]

#: Beside the tests' own packages: one whose decorators have no functions of their own.
ACME = {
    "flowkit_acme/__init__.py": "",
    "flowkit_acme/py.typed": "",
    "flowkit_acme/station.py": "class Station:\n    def leave(self) -> None: ...\n",
    "flowkit_acme/plugin.py": '''
from flowkit.plugin import FlowDecorator, Provider, StepDecorator, hookimpl

class Announce(StepDecorator):
    """Says something "first" of each task."""
    name = "announce"
    defaults = {"greeting": "hi", "volume": 1, "options": {}}
    current_names = {"station": "flowkit_acme.station.Station"}

class Owner(FlowDecorator):
    name = "owner"
    defaults = {"who": None}

@hookimpl
def flowkit_step_decorators():
    yield Provider("announce", lambda: Announce, help="Says something")

@hookimpl
def flowkit_flow_decorators():
    yield Provider("owner", lambda: Owner, help="Who owns it")
''',
    "flowkit_acme-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: flowkit-acme\nVersion: 1.0\n",
    "flowkit_acme-1.0.dist-info/entry_points.txt": "[flowkit]\nacme = flowkit_acme.plugin\n",
}


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter with a plugin and the stubs of all that are there."""
    need_module("flowkit_cards")
    environment = VirtualEnvironment.make(tmp_path / "venv")
    (site,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    for name, text in ACME.items():
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text(text)
    command = [str(environment.programs / "flowkit"), "stubs", "--install"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == f"{site / 'flowkit-stubs'}\n"
    return environment.programs / "python"


def mypy(folder: Path, names: Sequence[str], python: Path) -> dict[str, set[int]]:
    """Lines with errors, by file."""
    need_module("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", f"--python-executable={python}"]
    # What isn't annotated isn't held against it.
    command += ["--allow-untyped-defs", "--allow-untyped-calls", f"--cache-dir={folder / 'mypy'}", "--config-file="]
    done = subprocess.run([*command, *names], cwd=FLOWS, capture_output=True, text=True, check=False)
    found: dict[str, set[int]] = {name: set() for name in names}
    for line in done.stdout.splitlines():
        error = re.match(r"([^:]+):(\d+): error: ", line)
        if error:
            print(line)
            found.setdefault(error[1], set()).add(int(error[2]))
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return found


def pyright(folder: Path, names: Sequence[str], python: Path) -> dict[str, set[int]]:
    """The same."""
    program = need_program(str(Path(sys.executable).with_name("pyright")))
    own = folder / "pyright"
    own.mkdir()
    for name in names:
        (own / name).write_text((FLOWS / name).read_text())
    (own / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": "standard"}))
    command = [program, "--outputjson", f"--pythonpath={python}", *names]
    done = subprocess.run(command, cwd=own, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout.startswith("{"):
        missing(f"pyright (it can't be started: {(done.stderr or done.stdout).strip()[-400:]})")
    found: dict[str, set[int]] = {name: set() for name in names}
    for one in json.loads(done.stdout)["generalDiagnostics"]:
        if one["severity"] == "error":
            print(one["file"], one["range"]["start"]["line"] + 1, one["message"])
            found.setdefault(Path(one["file"]).name, set()).add(one["range"]["start"]["line"] + 1)
    return found


def marked(names: Sequence[str], checker: str) -> dict[str, set[int]]:
    """Lines that say that they are wrong. pyright takes an assignment in a method for a declaration of its own."""
    marks = ("# error", f"# error of {checker}")
    texts = {name: (FLOWS / name).read_text().splitlines() for name in names}
    return {
        name: {number for number, line in enumerate(lines, 1) if line.endswith(marks)} for name, lines in texts.items()
    }


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_flows(checker: Callable[..., Any], python: Path, tmp_path: Path) -> None:
    assert checker(tmp_path, [*CORE, *PLUGINS], python) == marked([*CORE, *PLUGINS], checker.__name__)


def test_without_the_stubs_the_names_of_plugins_arent_known(tmp_path: Path) -> None:
    found = mypy(tmp_path, ["core_flow.py", "wrong_flow.py", "plugins_flow.py"], Path(sys.executable))
    assert found["core_flow.py"] == set()
    assert found["wrong_flow.py"] == marked(["wrong_flow.py"], "mypy")["wrong_flow.py"]
    assert found["plugins_flow.py"] >= {8, 9}
