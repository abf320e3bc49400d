"""Runs a program that stops itself before it first calls a function, for a test to act in that moment.

``python -m support.stopped_before os:rmdir:/code/ flow.py local create``: a module, a name or ``Class.method`` in it,
and what the arguments have in them, if not any call is meant.
"""

from __future__ import annotations

import os
import runpy
import shutil  # noqa: F401 - before anything is replaced: how it removes folders depends on what os has then
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from operator import attrgetter
from pathlib import Path
from typing import Any

from support.project import Project

__all__ = ["has_stopped", "resumed", "stopped_before"]


@contextmanager
def stopped_before(project: Project, function: str, program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process of the program, which may not have got there; it is killed in the end."""
    tests = str(Path(__file__).parents[1])
    arguments = ("support.stopped_before", function, program, *arguments)
    process = project.popen(*arguments, flow="-m", env={"PYTHONPATH": tests})
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def has_stopped(process: subprocess.Popen[str]) -> bool:
    """Wait until it has stopped or ended: which of the two."""
    found = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    return found is not None and found.si_code == os.CLD_STOPPED


def resumed(process: subprocess.Popen[str]) -> str:
    """Let it go on to its end: what it has written, both streams."""
    process.send_signal(signal.SIGCONT)
    return "".join(process.communicate(timeout=120))


def main() -> None:
    module, path, given_with = f"{sys.argv[1]}:".split(":")[:3]
    before, _, name = path.rpartition(".")
    owner: Any = import_module(module)
    if before:
        owner = attrgetter(before)(owner)
    function, pid = getattr(owner, name), os.getpid()

    @wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        if os.getpid() == pid and given_with in repr(given):
            setattr(owner, name, function)
            os.kill(pid, signal.SIGSTOP)
        return function(*given, **named)

    setattr(owner, name, call)
    del sys.argv[:2]
    # As if it had been run itself; and so that it may be one that knows nothing of this package.
    sys.path[0] = os.getcwd()
    os.environ.pop("PYTHONPATH")
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
