"""What a user sees when a command fails, and the exit status; shown with commands of a plugin beside the flow."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from support.project import Project

FLOW = """
from flowkit import FlowSpec

class Flow(FlowSpec):
    "A flow."

if __name__ == "__main__":
    Flow()
"""

PLUGIN = """
import click
from flowkit.plugin import Provider, hookimpl
from flowkit.errors import FlowkitError, GraphError, InternalError, ParameterError

def command(act):
    @click.command()
    @click.option("--number", type=int)
    def made(number):
        act()
    return made

def fail(error):
    def act():
        raise error
    return act

def many_lines():
    for number in range(100_000):
        click.echo(number)

def wait():
    import time
    click.echo("waiting")
    time.sleep(60)

ACTS = {
    "fails": fail(FlowkitError("it broke")),
    "misused": fail(ParameterError("no such value")),
    "invalid": fail(GraphError("Flow has 2 problems:\\n  flow.py:1: one\\n  flow.py:2: two")),
    "buggy": fail(ValueError("oops")),
    "internal": fail(InternalError("never")),
    "lines": many_lines,
    "waits": wait,
    "says": lambda: click.echo("said"),
}

@hookimpl
def flowkit_commands():
    for name, act in ACTS.items():
        yield Provider(name, lambda act=act: command(act), help=f"It {name}")
"""


@pytest.fixture
def broken(project: Project) -> Project:
    project.write("flow.py", FLOW)
    project.write("flowkit_plugins.py", PLUGIN)
    return project


@pytest.mark.parametrize(
    ("command", "status", "stderr"),
    [
        ("says", 0, ""),
        ("fails", 1, "FlowKit error: it broke\n"),
        ("misused", 2, "Invalid parameter: no such value\n"),
        ("invalid", 1, "Invalid flow: Flow has 2 problems:\n  flow.py:1: one\n  flow.py:2: two\n"),
    ],
)
def test_an_error_of_flowkits_is_told_without_a_traceback(
    broken: Project, command: str, status: int, stderr: str
) -> None:
    done = broken.run(command)
    assert (done.returncode, done.stderr) == (status, stderr)
    assert done.stdout == ("said\n" if command == "says" else "")


def test_a_bug_is_told_in_one_line_that_says_whose_it_is(broken: Project) -> None:
    done = broken.run("buggy")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("Internal error: ValueError: oops (this is a bug of the plugin 'flowkit_plugins'")
    assert "FLOWKIT_DEBUG=1" in done.stderr


def test_an_internal_error_is_told_as_a_bug(broken: Project) -> None:
    assert "Internal error: never (this is a bug of" in broken.run("internal").stderr


@pytest.mark.parametrize(("args", "env"), [(["-v"], {}), ([], {"FLOWKIT_DEBUG": "1"})])
def test_the_traceback_of_a_bug_is_there_when_asked_for(broken: Project, args: list[str], env: dict[str, str]) -> None:
    done = broken.run(*args, "buggy", env=env)
    assert "Traceback (most recent call last)" in done.stderr
    assert "in act\n" in done.stderr
    assert done.returncode == 1


def test_a_reader_who_goes_away_is_no_error(broken: Project) -> None:
    with subprocess.Popen(
        [sys.executable, "flow.py", "lines"],
        cwd=broken.path,
        env=broken.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"0\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_an_interrupt_is_told_in_one_line(broken: Project) -> None:
    with broken.popen("waits") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        os.kill(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (1, "Interrupted\n")


def test_nobody_reads_stderr(broken: Project) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "flow.py", "fails"], cwd=broken.path, env=broken.variables(), stderr=write, check=False
    )
    os.close(write)
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["rnu"], ["'rnu'", "did you mean 'run'"]),
        (["--datastor", "x", "show"], ["'--datastor'", "--datastore"]),
        (["run", "--max-worker", "3"], ["'--max-worker'", "--max-workers"]),
        (["run", "--max-workers", "0"], ["--max-workers", "0"]),
        (["run", "--max-workers", "many"], ["--max-workers", "'many'"]),
        (["run", "--task-start", "x"], ["--task-start", "fork", "spawn"]),
        (["run", "--tag", ""], ["--tag", "empty"]),
        (["run", "--tag", "x" * 501], ["--tag", "501"]),
        (["run", "extra"], ["extra"]),
        (["says", "--number", "x"], ["--number", "'x'"]),
        (["logs", "show"], ["RUN/STEP[/TASK]"]),
        (["help", "rnu"], ["'rnu'", "did you mean 'run'"]),
    ],
)
def test_a_wrong_command_line_is_told_with_what_is_near(broken: Project, args: list[str], words: list[str]) -> None:
    done = broken.run(*args)
    assert done.returncode == 2
    assert done.stdout == ""
    usage, message, hint = done.stderr.splitlines()
    assert usage.startswith("Usage: python flow.py")
    assert message.startswith("Usage error: ")
    assert hint.endswith("--help")
    for word in words:
        assert word in message


def test_a_command_that_a_plugin_would_bring_names_what_to_install(broken: Project) -> None:
    done = broken.run("--no-plugin", "flowkit-cards", "card")  # it may be installed where the tests run
    assert done.returncode == 2
    assert "flowkit-cards" in done.stderr


def test_an_exception_while_the_flow_is_imported_is_the_users(project: Project) -> None:
    project.write("flow.py", "from flowkit import FlowSpec\n\ndef f():\n    return 1 / 0\n\nf()\n")
    done = project.run("show")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last)")
    assert 'flow.py", line 4, in f' in done.stderr
    assert done.stderr.endswith("ZeroDivisionError: division by zero\n")
    through_flowkit = project.flowkit("run", "flow.py")
    assert through_flowkit.returncode == 1
    assert 'flow.py", line 4, in f' in through_flowkit.stderr
    assert "/flowkit/" not in through_flowkit.stderr


def test_a_configuration_that_cant_be_used_is_told(broken: Project) -> None:
    done = broken.run("run", env={"FLOWKIT_MAX_WORKERS": "many"})
    assert done.returncode == 2
    assert done.stderr.startswith("Configuration error: FLOWKIT_MAX_WORKERS must be")
