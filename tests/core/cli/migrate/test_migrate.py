"""``flowkit migrate``: what it shows, asks, writes and leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.parity.metaflow import metaflow_python
from support.project import Project
from support.terminal import Terminal

FLOW = '''
"""Statistics of numbers, as one writes them for Metaflow."""
import os

from metaflow import (
    FlowSpec,
    Parameter,
    catch,
    current,
    retry,
    step,
)
from metaflow.exception import MetaflowException


class StatsFlow(FlowSpec):
    size = Parameter("size", default=4, help="how many numbers")

    @step
    def start(self):
        self.numbers = list(range(self.size))
        self.user = os.environ["METAFLOW_USER"]
        self.next(self.square, foreach="numbers")

    @retry(times=1, minutes_between_retries=0)
    @step
    def square(self):
        if current.retry_count == 0 and self.input == 2:
            raise MetaflowException("once more")
        self.squared = self.input**2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(one.squared for one in inputs)
        self.merge_artifacts(inputs, include=["user"])
        self.next(self.fails)

    @catch(var="problem", print_exception=False)
    @step
    def fails(self):
        raise MetaflowException("as it should")
        self.next(self.end)

    @step
    def end(self):
        import metaflow

        print("total", self.total, "by", self.user, "problem", self.problem.exception)
        print(sorted(flow.id for flow in metaflow.Metaflow()))


if __name__ == "__main__":
    StatsFlow()
'''


def test_a_flow_says_the_same_on_both(project: Project) -> None:
    project.write("flow.py", FLOW)
    python = metaflow_python()
    theirs = project.variables(
        {"METAFLOW_USER": "tester", "METAFLOW_HOME": str(project.home), "METAFLOW_DATASTORE_SYSROOT_LOCAL": "."}
    )
    command = [str(python), "flow.py", "run", "--size", "5"]
    before = subprocess.run(command, cwd=project.path, env=theirs, capture_output=True, text=True, check=True).stdout
    said = [line.partition("] ")[2] for line in before.splitlines() if "] total" in line or "] ['" in line]
    assert project.flowkit("migrate", "--yes", "flow.py", check=True).stderr.endswith("1 file written\n")
    done = project.run("run", "--size", "5", check=True)
    ours = [line.partition("] ")[2] for line in done.stderr.splitlines() + done.stdout.splitlines()]
    assert said
    assert all(line in ours for line in said), (said, done.stdout)


def test_the_difference_is_shown_and_nothing_written(project: Project) -> None:
    file = project.write("flow.py", "from metaflow import Metaflow, NotThere  # here\n")
    before = file.read_bytes()
    shown = project.flowkit("migrate", "--diff", "flow.py", check=True)
    assert shown.stdout == (
        "--- flow.py\n+++ flow.py\n@@ -1 +1,2 @@\n-from metaflow import Metaflow, NotThere  # here\n"
        "+from flowkit import FlowKit  # here\n+from metaflow import NotThere\n"
    )
    assert "flow.py:1: FlowKit has no 'NotThere' of metaflow" in shown.stderr
    checked = project.flowkit("migrate", "--check", "flow.py")
    assert (checked.returncode, checked.stdout) == (1, "")
    assert "flow.py would be changed" in checked.stderr
    refused = project.flowkit("migrate", "flow.py")
    assert refused.returncode == 2
    assert "there is no terminal to ask at: give --yes" in refused.stderr
    assert file.read_bytes() == before


def test_nothing_to_do(project: Project) -> None:
    project.write("flow.py", "from flowkit import FlowSpec\n")
    done = project.flowkit("migrate", "--check", "flow.py", check=True)
    assert (done.stdout, done.stderr) == ("", "Nothing is to be changed\n")


@pytest.mark.parametrize(("answer", "is_written"), [("y", True), ("n", False)])
def test_it_asks(project: Project, answer: str, is_written: bool) -> None:
    file = project.write("flow.py", "from metaflow import step\n")
    program = str(Path(sys.executable).with_name("flowkit"))
    with Terminal([program, "migrate", "flow.py"], cwd=project.path, env=project.environment) as terminal:
        terminal.read_until("Write 1 file?")
        terminal.type(f"{answer}\n")
        terminal.wait()
    assert (file.read_text() == "from flowkit import step\n") is is_written


def test_folders(project: Project) -> None:
    for name in ("a.py", "b/c.py", "b/d.txt", ".hidden/e.py", "venv/f.py", "b/__pycache__/g.py"):
        project.write(name, "import metaflow\n")
    project.write("venv/pyvenv.cfg", "")
    project.write("broken.py", "from metaflow import (\n")
    done = project.flowkit("migrate", "--yes", ".")
    assert done.returncode == 1
    changed = {path for path in project.path.rglob("*") if path.is_file() and "import flowkit" in path.read_text()}
    assert {str(path.relative_to(project.path)) for path in changed} == {"a.py", "b/c.py"}
    assert "broken.py:1: it isn't Python, and stays as it is: '(' was never closed\n" in done.stderr
    assert "2 files written" in done.stderr


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.py", b"import metaflow\n\ndef f(:\n", "bad.py:3: it isn't Python, and stays as it is: invalid syntax\n"),
        ("bad.py", b"# -*- coding: nocode -*-\nimport metaflow\n", "bad.py: it isn't Python, and stays as it is: "),
        ("bad.py", b"# -*- coding: utf-8 -*-\nimport metaflow\n'\xff'\n", "it isn't Python, and stays as it is: "),
        ("bad.py", b"import metaflow\n\0\n", "it isn't Python, and stays as it is: "),
        ("bad.ipynb", b"{\n'metaflow': 1}", "bad.ipynb:2: it isn't a notebook, and stays as it is: Expecting property"),
    ],
)
@pytest.mark.parametrize("option", ["--yes", "--check", "--diff"])
def test_what_cant_be_read_is_told_in_one_line(
    project: Project, option: str, name: str, content: bytes, said: str
) -> None:
    (project.path / name).write_bytes(content)
    done = project.flowkit("migrate", option, name)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert (project.path / name).read_bytes() == content


def test_permissions_and_links_stay(project: Project) -> None:
    file = project.write("real.py", "import metaflow\n")
    file.chmod(0o754)
    (project.path / "link.py").symlink_to("real.py")
    project.flowkit("migrate", "--yes", "link.py", check=True)
    assert (project.path / "link.py").is_symlink()
    assert file.read_text() == "import flowkit\n"
    assert file.stat().st_mode & 0o777 == 0o754
    assert sorted(os.listdir(project.path)) == ["link.py", "real.py"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("gone.py",), "there is no file 'gone.py'"),
        (("notes.txt",), "neither a Python file (.py) nor a notebook"),
        ((), "missing argument"),
    ],
)
def test_mistakes(project: Project, arguments: tuple[str, ...], text: str) -> None:
    project.write("notes.txt", "metaflow")
    refused = project.flowkit("migrate", *arguments)
    assert refused.returncode == 2
    assert text in refused.stderr


def test_without_libcst(project: Project) -> None:
    project.write("flow.py", "import metaflow\n")
    project.write("without/sitecustomize.py", "import sys\nsys.modules['libcst'] = None\n")
    refused = project.flowkit("migrate", "flow.py", env={"PYTHONPATH": str(project.path / "without")})
    assert refused.returncode == 2
    assert "libcst, which isn't installed: pip install libcst" in refused.stderr


# --- notebooks ---------------------------------------------------------------------------------------------------

CELLS = [
    ("markdown", "Results of *metaflow*\n"),
    ("code", "%matplotlib inline\nfrom metaflow import Metaflow, NotThere\n!pip install metaflow"),
    ("code", "for flow in Metaflow():\n    %time print(flow)\n    flow?\n    # why?\nfiles = !ls"),
    ("code", "%%bash\nMETAFLOW_USER=x python flow.py run"),
    ("code", "%%time\nimport metaflow"),
    ("code", "this is from metaflow, not Python"),
    ("code", "print('nothing of theirs')"),
]


def notebook(indent: int | None, *, joined: bool) -> str:
    cells = [
        {"cell_type": kind, "metadata": {}, "source": text if joined else text.splitlines(keepends=True)}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for kind, text in CELLS
    ]
    document = {"cells": cells, "metadata": {"name": "é"}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=indent, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(("indent", "joined"), [(1, False), (2, True), (None, False)])
def test_a_notebook(project: Project, indent: int | None, joined: bool) -> None:
    file = project.path / "own.ipynb"
    file.write_text(notebook(indent, joined=joined), encoding="utf-8")
    done = project.flowkit("migrate", "--yes", "own.ipynb", check=True)
    assert "-for flow in Metaflow():\n+for flow in FlowKit():" in done.stdout
    assert "    %time print(flow)" in done.stdout
    assert "own.ipynb: cell 2: FlowKit has no 'NotThere'" in done.stderr
    assert "own.ipynb: cell 2: the line of IPython '!pip install metaflow' stays as it is" in done.stderr
    assert "own.ipynb: cell 6 isn't Python, and stays as it is" in done.stderr
    expected = notebook(indent, joined=joined)
    sources = ["".join(cell["source"]) for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]]
    assert sources[1] == (
        "%matplotlib inline\nfrom flowkit import FlowKit\nfrom metaflow import NotThere\n!pip install metaflow"
    )
    assert sources[2] == "for flow in FlowKit():\n    %time print(flow)\n    flow?\n    # why?\nfiles = !ls"
    assert sources[4] == "%%time\nimport flowkit"
    assert [sources[number] for number in (0, 3, 5, 6)] == [CELLS[number][1] for number in (0, 3, 5, 6)]
    # All else of the file is as it was.
    assert len(file.read_text(encoding="utf-8").splitlines()) - len(expected.splitlines()) in (0, 1)
    again = project.flowkit("migrate", "--check", "own.ipynb", check=True)
    assert "Nothing is to be changed" in again.stderr


def test_a_file_that_isnt_a_notebook(project: Project) -> None:
    project.write("own.ipynb", '{"metaflow": 1}')
    done = project.flowkit("migrate", "--yes", "own.ipynb")
    assert done.returncode == 1
    assert "own.ipynb: it isn't a notebook, and stays as it is: it has no cells" in done.stderr
