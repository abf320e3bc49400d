"""A flow that programs run."""

from __future__ import annotations

from pathlib import Path

import pytest

FLOW = """
import json
import os
import pathlib
import subprocess
import time
from flowkit import FlowSpec, JSONType, Parameter, step

class RunnerFlow(FlowSpec):
    alpha = Parameter("alpha", default=1)
    Kind = Parameter("Kind", default="plain")
    values = Parameter("values", type=JSONType, default="[]")
    names = Parameter("names", default="a,b", separator=",")
    hold = Parameter("hold", default="")
    fail = Parameter("fail", default="")

    @step
    def start(self):
        self.place, self.variable = os.getcwd(), os.environ.get("COLOUR")
        print("alpha is", self.alpha, flush=True)
        if self.hold:
            sleeper = subprocess.Popen(["sleep", "600"])
            pathlib.Path(self.hold).write_text(str(sleeper.pid))
            print("holding", flush=True)
            sleeper.wait()
        self.next(self.end)

    @step
    def end(self):
        if self.fail and os.path.exists(self.fail):
            raise ValueError("told to fail")
        print("bye")

if __name__ == "__main__":
    RunnerFlow()
"""


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    """Its file."""
    file = tmp_path / "flow.py"
    file.write_text(FLOW)
    return file
