"""``show``, ``check`` and ``output-dot``: the flow, with nothing run."""

from __future__ import annotations

import sys

import pytest

from support.project import Project
from support.terminal import Terminal

FLOW = '''
from flowkit import FlowSpec, Parameter, parallel, retry, step


class Shapes(FlowSpec):
    """Has one of each.

    And a second paragraph.
    """

    @retry(times=2)
    @step
    def start(self):
        """Begins.

        With more:
          indented.
        """
        self.items = [1, 2]
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.kind = "a"
        self.next({"a": self.left, "b": self.right}, condition="kind")

    @step
    def left(self):
        self.next(self.after)

    @step
    def right(self):
        self.next(self.after)

    @step
    def after(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.fork)

    @step
    def fork(self):
        self.next(self.one, self.two)

    @step
    def one(self):
        self.next(self.merge)

    @step
    def two(self):
        self.next(self.merge)

    @step
    def merge(self, inputs):
        self.next(self.start_gang)

    @step
    def start_gang(self):
        self.next(self.gang, num_parallel=2)

    @parallel
    @step
    def gang(self):
        self.next(self.collect)

    @step
    def collect(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        print("never printed")


if __name__ == "__main__":
    Shapes()
'''

INVALID = """
from flowkit import FlowSpec, step


class Wrong(FlowSpec):
    @step
    def start(self):
        self.next(self.nowhere)

    @step
    def lost(self):
        self.next(self.gone)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Wrong()
"""


@pytest.fixture
def shapes(project: Project) -> Project:
    project.write("flow.py", FLOW)
    return project


def steps_shown(text: str) -> dict[str, list[str]]:
    blocks = text.split("\n\nStep ")[1:]
    return {block.splitlines()[0]: block.splitlines()[1:] for block in blocks}


def test_show_writes_each_step_with_its_description_and_where_it_leads(shapes: Project) -> None:
    done = shapes.run("show", check=True)
    assert done.stderr == ""
    assert done.stdout.startswith("Shapes\n    Has one of each.\n\n    And a second paragraph.\n\nStep start\n")
    start = done.stdout.partition("Step start\n")[2].partition("\n\nStep each")[0]
    assert start.splitlines() == [
        "    @retry(times=2)",
        "    Begins.",
        "",
        "    With more:",
        "      indented.",
        "    => each, once for each item of self.items",
    ]
    shown = steps_shown(done.stdout)
    assert shown["each"] == ["    => by self.kind to one of {a: left, b: right}"]
    assert shown["join (joins its inputs)"] == ["    => fork"]
    assert shown["fork"] == ["    => one, two"]
    assert shown["start_gang"] == ["    => gang, in several tasks at the same time"]
    assert shown["gang (one of several tasks that run together)"] == ["    @parallel", "    => collect"]
    assert shown["end"] == []
    assert "\x1b" not in done.stdout


def test_show_writes_nothing_to_disk(shapes: Project) -> None:
    shapes.run("show", check=True, env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert [file.name for file in shapes.path.iterdir()] == ["flow.py"]


def test_show_has_colours_in_a_terminal(shapes: Project) -> None:
    with Terminal([sys.executable, "flow.py", "show"], cwd=shapes.path, env=shapes.variables()) as seen:
        assert seen.wait() == 0
    assert "\x1b[32m\x1b[1mstart" in seen.output


def test_show_of_an_invalid_flow_says_so(project: Project) -> None:
    project.write("flow.py", INVALID)
    done = project.run("show", check=True)
    assert done.stdout.startswith("Wrong\n\nStep start\n    => nowhere\n")
    assert "python flow.py check" in done.stderr
    assert project.run("--quiet", "show", check=True).stderr == ""


def test_check_of_a_valid_flow(shapes: Project) -> None:
    done = shapes.run("check", check=True)
    assert (done.stdout, done.stderr) == ("Shapes is valid: 14 steps\n", "")
    assert shapes.run("--pylint", "check", "--no-warnings").returncode == 0


def test_check_lists_all_problems_with_file_and_line(project: Project) -> None:
    project.write("flow.py", INVALID)
    done = project.run("check")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Invalid flow:")
    problems = done.stderr.splitlines()[1:]
    assert any("flow.py:7:" in line and "nowhere" in line for line in problems)
    assert any("flow.py:11:" in line and "gone" in line for line in problems)


def test_with_is_checked(shapes: Project) -> None:
    done = shapes.run("--with", "no_such_decorator", "check")
    assert done.returncode != 0
    assert "no_such_decorator" in done.stderr
    shown = shapes.run("--with", "timeout:seconds=3", "show", check=True).stdout
    assert shown.count("@timeout(seconds=3)") == 14
    by_variable = shapes.run("show", check=True, env={"FLOWKIT_WITH": "timeout:seconds=3"}).stdout
    assert by_variable == shown
    old_name = shapes.run("show", check=True, env={"FLOWKIT_DECOSPECS": "timeout:seconds=3"}).stdout
    assert old_name == shown
    by_setting = shapes.run("show", check=True, env={"FLOWKIT_DEFAULT_DECOSPECS": "timeout:seconds=3"}).stdout
    assert by_setting == shown
    assert shapes.run("--with", "retry", "show", check=True).stdout.count("@retry(times=2)") == 1


def test_output_dot_writes_all_steps_and_edges(shapes: Project) -> None:
    done = shapes.run("output-dot", check=True)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == 'digraph "Shapes" {'
    assert lines[-1] == "}"
    assert '  "start" -> "each" [label="for each of items"];' in lines
    assert '  "each" -> "left" [label="a"];' in lines
    assert '  "fork" -> "two";' in lines
    assert sum("->" in line for line in lines) == 15
    assert '  "each" [shape=diamond];' in lines
