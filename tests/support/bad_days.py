"""A flow for days on which something goes wrong, and what must hold of the message and of what was there before."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import flowkit
from support.project import Project

__all__ = ["FLOW", "assert_told", "only_manifest", "run_that_fails", "run_that_succeeds"]

#: Fails in ``use`` where FAIL is set; its blob and its manifests can be damaged from outside.
FLOW = """
    import os

    from flowkit import FlowSpec, Parameter, step


    class BadDayFlow(FlowSpec):
        number = Parameter("number", default=7)

        @step
        def start(self):
            with open("started", "a") as notes:
                notes.write("x")
            self.data = os.urandom(100_000)
            self.size = len(self.data)
            self.next(self.use)

        @step
        def use(self):
            if os.environ.get("FAIL"):
                raise ValueError("told to fail")
            self.seen = len(self.data)
            self.next(self.end)

        @step
        def end(self):
            print("seen", self.seen, "number", self.number)


    if __name__ == "__main__":
        BadDayFlow()
"""

_PACKAGE = str(Path(flowkit.__file__).parent)


def assert_told(done: subprocess.CompletedProcess[str], *words: str, status: int = 1, headline: str = "") -> str:
    """The command failed with one line that has all ``words`` in it, and no traceback. Returns that line."""
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert _PACKAGE not in done.stderr, done.stderr
    assert "Internal error" not in done.stderr, done.stderr
    found = [line for line in done.stderr.splitlines() if all(word in line for word in words)]
    assert found, f"no line has all of {words}:\n{done.stderr}"
    assert found[-1].startswith(headline), found[-1]
    return found[-1]


def run_that_succeeds(project: Project) -> str:
    """Run the flow. Returns the run's id."""
    return _id(project.run("run", check=True))


def run_that_fails(project: Project) -> str:
    """Run the flow so that ``use`` fails. Returns the run's id."""
    done = project.run("run", env={"FAIL": "1"})
    assert done.returncode == 1
    return _id(done)


def only_manifest(project: Project, run_id: str, step: str) -> Path:
    """The file of the only attempt of a step."""
    (file,) = (project.store / "BadDayFlow" / "runs" / run_id / step).rglob("*.json")
    return file


def _id(done: subprocess.CompletedProcess[str]) -> str:
    found = re.search(r"Run BadDayFlow/(\d+) started", done.stderr)
    assert found, done.stderr
    return found[1]
