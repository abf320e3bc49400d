"""What a command makes the interpreter import."""

from __future__ import annotations

import pytest

from support.project import Project

FLOW = """
import atexit, sys

def tell():
    print("modules:", *sorted(sys.modules), file=sys.stderr)

atexit.register(tell)

from flowkit import FlowSpec, step

class Flow(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    Flow()
"""

HEAVY = {
    "asyncio",
    "importlib.metadata",
    "importlib_metadata",
    "logging",
    "multiprocessing",
    "numpy",
    "pandas",
    "rich",
    "sqlite3",
    "subprocess",
    "tempfile",
    "zstandard",
}


@pytest.mark.parametrize("command", ["show", "check", "output-dot", "version", "help"])
def test_a_command_that_runs_nothing_imports_nothing_heavy(project: Project, command: str) -> None:
    project.write("flow.py", FLOW)
    done = project.run(command, check=True)
    modules = set(done.stderr.partition("modules: ")[2].split())
    assert "flowkit.cli.main" in modules
    assert modules & HEAVY == set()
    others = {name for name in modules if name.startswith("flowkit.cli.commands.")}
    assert others == {f"flowkit.cli.commands.{command.replace('-', '_')}"}


def test_a_run_that_is_piped_imports_no_rich(project: Project) -> None:
    project.write("flow.py", FLOW)
    modules = set(project.run("run", check=True).stderr.partition("modules: ")[2].split())
    assert "flowkit.engine.launch" in modules
    assert "rich" not in modules
