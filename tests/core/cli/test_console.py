"""Where the command line writes, and in what colours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flowkit.cli.console import Console, duration, may_colour
from support.project import Project
from support.terminal import Terminal


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0.26, "0.3 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3599.4, "59 min 59 s"),
        (3599.6, "1 h 0 min"),
        (12000, "3 h 20 min"),
    ],
)
def test_a_duration_is_written_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_messages_and_errors_go_to_stderr_and_results_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console()
    console.message("a", fg="red")
    console.error("b")
    console.result("c")
    assert capsys.readouterr() == ("c\n", "a\nb\n")


def test_where_both_streams_are_one_file_what_was_written_first_comes_first(project: Project) -> None:
    code = """
from flowkit.cli.console import Console
console = Console()
for number in range(3):
    console.message(f"message {number}")
    console.result_bytes(b"bytes %d\\n" % number)
    console.result(f"result {number}")
    console.result_bytes(b"more %d\\n" % number)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=project.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    kinds = ("message", "bytes", "result", "more")
    assert done.stdout.splitlines() == [f"{kind} {number}" for number in range(3) for kind in kinds]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("command", [("status",), ("plugins", "list"), ("--help",)])
def test_a_stdout_that_takes_no_more_is_an_error_in_one_line(project: Project, command: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", f"from flowkit.cli.main import main; main({list(command)})"],
            env=project.variables(),
            cwd=project.path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.stderr == "FlowKit error: the output can't be written to stdout: No space left on device\n"
    assert done.returncode == 1


def test_quiet_leaves_out_messages_only(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(quiet=True)
    console.message("a")
    console.error("b")
    console.result("c")
    assert capsys.readouterr() == ("c\n", "b\n")


def test_no_colours_on_a_stream_that_was_closed(tmp_path: Path) -> None:
    with (tmp_path / "x").open("w") as stream:
        assert not may_colour(stream)
    assert not may_colour(stream)


@pytest.mark.parametrize(
    ("env", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_that_show_them_to_users_who_want_them(
    project: Project, env: dict[str, str], coloured: bool
) -> None:
    project.write("p.py", "from flowkit.cli.console import Console; Console().error('word', fg='red')")
    with Terminal([sys.executable, "p.py"], cwd=project.path, env=project.variables({"NO_COLOR": None, **env})) as seen:
        assert seen.wait() == 0
    assert ("\x1b[31mword" in seen.output) is coloured
    assert "word" in seen.output
