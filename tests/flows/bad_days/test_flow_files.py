"""A flow's file that can't be imported, or holds more than one flow."""

from __future__ import annotations

from pathlib import Path

import pytest

import flowkit
from support.bad_days import assert_told
from support.project import Project

PACKAGE = str(Path(flowkit.__file__).parent)

BROKEN = {
    "syntax": ("from flowkit import FlowSpec\nclass A(FlowSpec):\n    def start(:\n", "SyntaxError: ", 3),
    "import": ("import flowkit\nimport no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'", 2),
    "name": ("from flowkit import no_such_name\n", "ImportError: flowkit has no 'no_such_name'", 1),
    "raises": ("def f():\n    return {}['key']\n\nf()\n", "KeyError: 'key'", 2),
    "indent": ("def f():\nreturn 1\n", "IndentationError: ", 2),
}
TWO = """
from flowkit import FlowSpec, step


class One(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        print("one")


class Two(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        print("two")
"""


@pytest.mark.parametrize("what", list(BROKEN))
@pytest.mark.parametrize("command", ["python", "flowkit"])
def test_the_users_own_traceback_is_shown(project: Project, what: str, command: str) -> None:
    text, message, line = BROKEN[what]
    project.write("flow.py", text)
    done = project.run("run") if command == "python" else project.flowkit("run", "flow.py")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(message)
    assert f'flow.py", line {line}' in done.stderr
    # The import of a name passes through the package, and Python itself shows that.
    assert PACKAGE not in done.stderr or (what, command) == ("name", "python")
    assert "click" not in done.stderr
    assert not project.store.exists()


def test_two_flows_in_a_file_and_none_called(project: Project) -> None:
    project.write("flow.py", TWO)
    assert_told(project.flowkit("run", "flow.py"), "flow.py", "One, Two", "One()", status=2)


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_two_flows_in_a_file_and_the_second_called(project: Project, start: str) -> None:
    project.write("flow.py", f"{TWO}\nif __name__ == '__main__':\n    Two()\n")
    for done in (
        project.run("run", "--task-start", start, check=True),
        project.flowkit("run", "flow.py", "--task-start", start, check=True),
    ):
        assert done.stdout.endswith("two\n")
    # .cache is there if the flow's file is old enough to be remembered by its time.
    assert {folder.name for folder in project.store.iterdir() if folder.is_dir()} - {".cache"} == {"Two"}


def test_no_flow_in_a_file(project: Project) -> None:
    project.write("flow.py", "x = 1\n")
    assert_told(project.flowkit("run", "flow.py"), "flow.py", "FlowSpec", status=2)
