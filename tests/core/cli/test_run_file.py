"""``flowkit run FILE``."""

from __future__ import annotations

import pytest

from support.project import Project
from support.talker import TALKER


@pytest.fixture
def talker(project: Project) -> Project:
    project.write("flows/flow.py", TALKER)
    return project


def test_a_file_is_run_as_python_would(talker: Project) -> None:
    done = talker.flowkit("run", "flows/flow.py", "--n", "1", "--tag", "t", check=True)
    assert "item 0" in done.stdout
    assert "tags ['t']" in done.stdout
    assert "item 1" not in done.stdout
    assert talker.store.is_dir()


def test_options_before_the_file_stand_before_the_command(talker: Project) -> None:
    done = talker.flowkit("run", "--quiet", "--with", "timeout:seconds=9", "flows/flow.py", "--n", "1", check=True)
    assert done.stderr == ""
    assert "item 0" in done.stdout


def test_a_file_that_doesnt_call_its_flow(talker: Project) -> None:
    talker.write("flows/flow.py", TALKER.partition("\nif __name__")[0])
    assert "item 1" in talker.flowkit("run", "flows/flow.py", check=True).stdout


def test_modules_beside_the_file_are_found(talker: Project) -> None:
    talker.write("flows/helper.py", "WORD = 'from the helper'\n")
    talker.write("flows/flow.py", "import helper\n" + TALKER.replace('default="hello"', "default=helper.WORD"))
    assert "from the helper" in talker.flowkit("run", "flows/flow.py", check=True).stdout


def test_classes_of_the_file_are_stored_and_loaded(talker: Project) -> None:
    source = TALKER.replace("class Talker", "class Box:\n    value = 7\n\n\nclass Talker").replace(
        "self.double = self.input * 2", "self.box = Box(); self.double = self.box.value"
    )
    talker.write("flows/flow.py", source.replace("i.double for", "i.box.value for"))
    for start in ("fork", "spawn"):
        talker.flowkit("run", "flows/flow.py", "--n", "1", "--task-start", start, "--run-id-file", "id", check=True)
        run = (talker.path / "id").read_text()
        assert "total: int = 7" in talker.run("dump", f"{run}/join", flow="flows/flow.py", check=True).stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], ["FILE"]),
        (["missing.py"], ["missing.py"]),
        (["flows"], ["flows"]),
        (["flows/flow.py", "--nothing"], ["--nothing"]),
        (["flows/none.py"], ["no flow"]),
        (["flows/text.py"], ["text.py"]),
    ],
)
def test_wrong_use_is_told(talker: Project, args: list[str], words: list[str]) -> None:
    talker.write("flows/none.py", "x = 1\n")
    talker.write("flows/text.py", "this is no python\n")
    done = talker.flowkit("run", *args)
    assert done.returncode in (1, 2)
    for word in words:
        assert word in done.stderr
    assert "/flowkit/" not in done.stderr


def test_a_failure_is_the_exit_status(talker: Project) -> None:
    done = talker.flowkit("run", "flows/flow.py", "--fail", "each")
    assert done.returncode == 1
    assert "python flows/flow.py logs" in done.stderr


def test_help_shows_the_flows_parameters(talker: Project) -> None:
    assert "--the-word" in talker.flowkit("run", "flows/flow.py", "--help", check=True).stdout
