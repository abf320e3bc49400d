"""Parameters of a flow as options of ``run``."""

from __future__ import annotations

import pytest

from support.project import Project
from support.talker import TALKER


@pytest.fixture
def talker(project: Project) -> Project:
    project.write("flow.py", TALKER)
    return project


def run_id(project: Project) -> str:
    return (project.path / "id").read_text()


def artifact(project: Project, name: str, step: str = "start") -> str:
    """An artifact as ``dump`` shows it."""
    shown = project.run("dump", f"{run_id(project)}/{step}", "--include", name, check=True).stdout
    return shown.partition(f"{name}: ")[2].strip()


def test_parameters_have_their_types_and_the_names_of_their_attributes(talker: Project) -> None:
    talker.run(
        *("run", "--run-id-file", "id", "--n", "1", "--the-word", "hi", "--strict", "False", "--ratio", "2"),
        *("--options", '{"b": [1, null]}', "--names", "x,y,z"),
        check=True,
    )
    assert artifact(talker, "n") == "int = 1"
    assert artifact(talker, "word") == "str = 'hi'"
    assert artifact(talker, "strict") == "bool = False"
    assert artifact(talker, "ratio") == "float = 2.0"
    assert artifact(talker, "options") == "dict = {'b': [1, None]}"
    assert artifact(talker, "names") == "list = ['x', 'y', 'z']"


def test_parameters_that_arent_given_have_their_defaults(talker: Project) -> None:
    talker.run("run", "--run-id-file", "id", check=True)
    assert artifact(talker, "strict") == "bool = True"
    assert artifact(talker, "names") == "list = ['a', 'b']"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--n", "many"], ["--n", "'many'"]),
        (["--strict", "perhaps"], ["--strict", "'perhaps'"]),
        (["--ratio", "x"], ["--ratio", "'x'"]),
        (["--options", "{"], ["--options", "JSON"]),
    ],
)
def test_a_wrong_value_is_refused_by_the_parameters_name(talker: Project, args: list[str], words: list[str]) -> None:
    done = talker.run("run", *args)
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr
    assert not talker.store.exists()


def test_a_parameter_comes_from_the_environment_too(talker: Project) -> None:
    env = {"FLOWKIT_RUN_N": "1", "FLOWKIT_RUN_THE_WORD": "from env"}
    talker.run("run", "--run-id-file", "id", env=env, check=True)
    assert artifact(talker, "word") == "str = 'from env'"
    talker.run("run", "--run-id-file", "id", "--the-word", "given", env=env, check=True)
    assert artifact(talker, "word") == "str = 'given'"


def test_options_of_run_come_from_the_environment_that_the_flow_sets(talker: Project) -> None:
    own = "import os\nos.environ['FLOWKIT_RUN_TAG'] = 'one two'\nos.environ['FLOWKIT_RUN_RUN_ID_FILE'] = 'id'\n"
    talker.write("flow.py", own + TALKER)
    assert "tags ['one', 'two']" in talker.run("run", check=True).stdout
    assert run_id(talker)
    both = talker.run("run", env={"FLOWKIT_RUN_TAGS": "other"}, check=True).stdout
    assert "tags ['one', 'two']" in both


@pytest.mark.parametrize("name", ["a b", "", "1x", "a.b", "a/b"])
def test_a_name_that_no_option_can_have_is_a_problem_of_the_flow(project: Project, name: str) -> None:
    text = f"""
        from flowkit import FlowSpec, Parameter, step

        class Named(FlowSpec):
            x = Parameter({name!r}, default=1)

            @step(start=True, end=True)
            def only(self):
                print(self.x)

        if __name__ == "__main__":
            Named()
    """
    project.write("flow.py", text)
    said = f"parameter {name!r}: a name is of letters, digits, - and _, and doesn't begin with a digit"
    for command in (["check"], ["run"], ["run", "--help"], ["run", "--x", "2"], ["local", "trigger"]):
        done = project.run(*command)
        assert done.returncode == 1
        assert done.stderr.splitlines() == ["Invalid flow: Named has 1 problem:", f"  flow.py:4: {said}"]
    project.run("--help", check=True)
    assert "This flow has 1 problem" in project.run("show", check=True).stderr


@pytest.mark.parametrize("name", ["-x", "_x", "x-", "X"])
def test_a_name_need_not_begin_with_a_letter(talker: Project, name: str) -> None:
    talker.write("flow.py", TALKER.replace('"n"', repr(name), 1))
    talker.run("run", "--run-id-file", "id", f"--{name}", "7", check=True)
    assert artifact(talker, "n") == "int = 7"
