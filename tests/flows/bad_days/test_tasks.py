"""What a task may do to its own disadvantage: values that can't be stored, a flood of output, processes left behind."""

from __future__ import annotations

import os
import re

import pytest
from blake3 import blake3

from support.bad_days import FLOW, assert_told, run_that_succeeds
from support.processes import is_gone
from support.project import Project

STARTS = pytest.mark.parametrize("start", ["fork", "spawn"])


def write(project: Project, work: str) -> None:
    """The flow, with ``work`` in its second step."""
    project.write("flow.py", FLOW.replace("self.seen =", f"{work}; self.seen ="))


@STARTS
@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("lambda: 1", "self.bad"),
        ("{'a': [1, open('flow.py')]}", "self.bad['a'][1]"),
        ("(n for n in range(3))", "generator"),
        ("__import__('threading').Lock()", "lock"),
    ],
)
def test_a_value_that_cant_be_pickled(project: Project, value: str, part: str, start: str) -> None:
    write(project, f"self.bad = [{value}]" if value.startswith("lambda") else f"self.bad = {value}")
    done = project.run("run", "--with", "retry:times=2", "--task-start", start)
    told = assert_told(done, "self.bad", "can't be pickled", part)
    assert "flow.py:21" in told
    # Another attempt would end in the same way.
    assert len(re.findall("use/2.*started", done.stderr)) == 1
    project.write("flow.py", FLOW)
    assert project.run("resume", check=True).stdout.endswith("seen 100000 number 7\n")
    assert (project.path / "started").read_text() == "x"


@STARTS
def test_50_mb_of_output(project: Project, start: str) -> None:
    write(project, "[print('y' * 99) for _ in range(500_000)]")
    done = project.run("--quiet", "run", "--task-start", start, "--max-log-size", "100", check=True)
    assert done.stdout.count("y" * 99) == 500_000
    (run,) = (project.store / "BadDayFlow" / "runs").iterdir()
    shown = project.run("logs", f"{run.name}/use", "--stdout", check=True)
    assert shown.stdout == ("y" * 99 + "\n") * 500_000


@STARTS
def test_of_50_mb_of_output_all_is_shown_and_the_first_10_are_stored(project: Project, start: str) -> None:
    write(project, "[print('y' * 99) for _ in range(500_000)]")
    done = project.run("--quiet", "run", "--task-start", start, check=True)
    assert done.stdout.count("y" * 99) == 500_000
    (run,) = (project.store / "BadDayFlow" / "runs").iterdir()
    shown = project.run("logs", f"{run.name}/use", "--stdout", check=True).stdout
    assert shown.count("y" * 99) == (10 << 20) // 100
    assert shown.endswith("(stdout is longer than 10 MB: what follows isn't stored; --max-log-size MB stores more)\n")


@STARTS
def test_a_line_of_50_mb(project: Project, start: str) -> None:
    write(project, "print('y' * 50_000_000)")
    project.run("--quiet", "run", "--task-start", start, "--max-log-size", "100", check=True)
    (run,) = (project.store / "BadDayFlow" / "runs").iterdir()
    shown = project.run("logs", f"{run.name}/use", "--stdout", check=True)
    assert shown.stdout.count("y") == 50_000_000


DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("daemon", "w").write(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
while not (os.path.exists("daemon") and open("daemon").read()):
    time.sleep(0.01)
"""


@STARTS
def test_a_task_that_leaves_a_daemon_ends_all_the_same(project: Project, start: str) -> None:
    write(project, f"exec({DAEMON!r})")
    try:
        done = project.run("run", "--task-start", start, check=True, timeout=60)
        assert done.stdout.endswith("seen 100000 number 7\n")
        # It has a session of its own: the task let it go on purpose.
        assert os.path.exists(f"/proc/{daemon(project)}")
    finally:
        os.kill(daemon(project), 9)


@STARTS
def test_a_process_that_a_task_forgets_ends_with_it(project: Project, start: str) -> None:
    write(project, "import subprocess; open('daemon', 'w').write(str(subprocess.Popen(['sleep', '600']).pid))")
    project.run("run", "--task-start", start, check=True, timeout=60)
    assert is_gone(daemon(project))


def daemon(project: Project) -> int:
    return int((project.path / "daemon").read_text())


def test_a_failure_leaves_earlier_runs_as_they_were(project: Project) -> None:
    project.write("flow.py", FLOW)
    good = run_that_succeeds(project)
    write(project, "os.kill(os.getpid(), 9)")
    assert_told(project.run("run"), "step use", "signal 9 (killed)", "out of memory")
    assert project.run("logs", f"{good}/end", "--stdout", check=True).stdout == "seen 100000 number 7\n"


@STARTS
def test_a_task_that_is_killed_while_it_stores_an_artifact(project: Project, start: str) -> None:
    killer = "type('K', (), {'__reduce__': lambda self: os.kill(os.getpid(), 9)})()"
    write(project, f"self.big = [os.urandom(3_000_000), {killer}]")
    done = project.run("run", "--task-start", start)
    assert_told(done, "step use", "signal 9 (killed)")
    runs = project.store / "BadDayFlow" / "runs"
    assert not list(runs.glob("*/use/*/0.json")), "an attempt that wasn't stored whole has no manifest"
    for blob in (project.store / "BadDayFlow" / "blobs").rglob("*"):
        # What has a blob's name is whole.
        if blob.is_file() and len(blob.name.partition(".")[0]) == 64:
            assert blob.suffix == ".zst" or blake3(blob.read_bytes()).hexdigest() == blob.name
    project.write("flow.py", FLOW)
    assert project.run("resume", check=True).stdout.endswith("seen 100000 number 7\n")
    assert (project.path / "started").read_text() == "x"
