"""A wrong command, flow or place on the command line: one line that says what, where and what mends it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from support.bad_days import FLOW, assert_told, run_that_succeeds
from support.project import Project

FIVE_ERRORS = """
from flowkit import FlowSpec, catch, step


class Wrong(FlowSpec):
    @step
    def start(self):
        self.next(self.left, self.right, self.middle, self.lost)

    @step
    def left(self):
        self.next(self.nowhere)

    @step
    def right(self):
        self.value = 1

    @step
    def middle(self):
        self.next(self.end)

    @step
    def lost(self, inputs, more):
        self.next(self.end)

    @step
    def end(self):
        self.next(self.start)


if __name__ == "__main__":
    Wrong()
"""


@pytest.fixture
def there(project: Project) -> Project:
    project.write("flow.py", FLOW)
    return project


@pytest.mark.parametrize("command", ["run", "check", "resume"])
def test_five_errors_of_a_graph_are_five_lines(project: Project, command: str) -> None:
    project.write("flow.py", FIVE_ERRORS)
    done = project.run(command)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    head, *lines = done.stderr.partition("Invalid flow: ")[2].splitlines()
    assert head == "Wrong has 5 problems:"
    assert len(lines) == 5
    assert [line.partition(": ")[0].rpartition(":")[2] for line in lines] == ["11", "14", "22", "26", "27"]
    assert not (project.store / "Wrong").exists()


def test_an_unknown_option_of_the_flow(there: Project) -> None:
    assert_told(there.run("run", "--numbr", "3"), "'--numbr'", "Did you mean '--number'?", status=2)


@pytest.mark.parametrize("value", ["seven", "", "1.5"])
def test_a_value_that_isnt_of_the_parameters_type(there: Project, value: str) -> None:
    assert_told(there.run("run", "--number", value), "'--number'", repr(value), "whole number", status=2)
    assert not (there.path / "started").exists()


def test_a_flow_file_that_isnt_there(project: Project) -> None:
    assert_told(project.flowkit("run", "missing.py"), "'missing.py'", "does not exist", status=2)


def test_a_folder_in_place_of_a_flow_file(project: Project) -> None:
    (project.path / "flow.py").mkdir()
    assert_told(project.flowkit("run", "flow.py"), "'flow.py'", "directory", status=2)


def test_resume_of_a_step_that_isnt_there_names_those_that_are(there: Project) -> None:
    run_that_succeeds(there)
    assert_told(there.run("resume", "strat"), "'strat'", "start, use, end", headline="Can't resume")


def test_resume_where_nothing_has_run(there: Project) -> None:
    assert_told(there.run("resume"), "BadDayFlow", headline="Can't resume")


def test_resume_of_a_run_that_isnt_there_names_the_latest(there: Project) -> None:
    run_id = run_that_succeeds(there)
    told = assert_told(there.run("resume", "--origin-run-id", "1"), "BadDayFlow/1", run_id)
    assert told.startswith("Can't resume")


@pytest.mark.parametrize("command", ["logs", "dump"])
@pytest.mark.parametrize(
    ("path", "what"),
    [("1/start", "BadDayFlow/1"), ("RUN/strat", "'strat'"), ("RUN/start/99", "'99'"), ("RUN/start/x", "'x'")],
)
def test_a_path_that_doesnt_exist(there: Project, command: str, path: str, what: str) -> None:
    run_id = run_that_succeeds(there)
    done = there.run(command, path.replace("RUN", run_id))
    assert done.stdout == ""
    assert what.strip("'") in assert_told(done, headline="Not found")


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("Flow('Nope')", "NotFound"),
        ("Run('BadDayFlow/1')", "NotFound"),
        ("Step('BadDayFlow/{run}/strat')", "NotFound"),
        ("Task('BadDayFlow/{run}/start/99')", "NotFound"),
        ("Task('BadDayFlow/{run}')", "InvalidPathspec"),
        ("Run('BadDayFlow/{run}')['strat']", "ChildNotFound"),
        ("Run('BadDayFlow/{run}').data.nope", "ArtifactNotFound"),
    ],
)
def test_the_client_says_what_doesnt_exist(there: Project, expression: str, kind: str) -> None:
    run_id = run_that_succeeds(there)
    program = f"from flowkit import *\nfrom flowkit import Flow, Run, Step, Task\n{expression.format(run=run_id)}"
    done = there.python("-c", program)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"flowkit.errors.{kind}: ")
    assert len(last) > len(kind) + 30


def test_the_reader_of_stdout_goes_away_and_the_run_goes_on(there: Project) -> None:
    with there.popen("run") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        stderr = process.stderr.read()
        process.wait(60)
    assert process.returncode == 0
    assert "succeeded" in stderr
    assert "Traceback" not in stderr
    assert "Error" not in stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_process_that_is_started_without_streams(there: Project, closed: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$0" flow.py run {closed}', sys.executable],
        cwd=there.path,
        env=there.variables(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (run,) = (there.store / "BadDayFlow" / "runs").iterdir()
    shown = there.run("logs", f"{run.name}/end", "--stdout", check=True)
    assert shown.stdout == "seen 100000 number 7\n"


@pytest.mark.parametrize("missing", [("HOME",), ("HOME", "USER", "LOGNAME", "FLOWKIT_USER", "FLOWKIT_HOME")])
def test_no_home_and_no_name_of_the_user(there: Project, missing: tuple[str, ...]) -> None:
    done = there.run("run", env=dict.fromkeys(missing))
    assert done.returncode == 0, done.stderr
    assert there.run("resume", env=dict.fromkeys(missing)).returncode == 0


@pytest.mark.parametrize("given", [["--words", "missing.txt"], []])
def test_a_file_that_a_parameter_names_and_that_isnt_there(project: Project, given: list[str]) -> None:
    project.write(
        "flow.py",
        """
        from flowkit import FlowSpec, IncludeFile, step


        class WordsFlow(FlowSpec):
            words = IncludeFile("words", default="nowhere.txt")

            @step
            def start(self):
                open("started", "w").close()
                self.next(self.end)

            @step
            def end(self):
                print(self.words)


        if __name__ == "__main__":
            WordsFlow()
        """,
    )
    told = assert_told(project.run("run", *given), "words", given[-1] if given else "nowhere.txt", status=2)
    assert "there is no file" in told
    assert not (project.path / "started").exists()


def test_a_flow_that_is_in_no_file(project: Project) -> None:
    program = "from flowkit import FlowSpec, step\nclass F(FlowSpec):\n    @step\n    def start(self): pass\nF()"
    for command in (["run"], ["show"], []):
        assert_told(project.python("-c", program, *command), "F isn't in a file", status=2)
