"""What a command loads."""

from __future__ import annotations

import pytest

from support.distributions import Site
from support.project import Project

FLOW = """
from flowkit import FlowSpec, step

class HelloFlow(FlowSpec):
    @step
    def start(self):
        self.x = 1
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    import atexit, sys
    atexit.register(lambda: print("LOADED", *sys.modules, file=sys.stderr))
    HelloFlow()
"""
SDK = """
def load():
    import an_sdk

@hookimpl
def flowkit_datastores():
    yield Provider("far", load)

@hookimpl
def flowkit_commands():
    yield Provider("far", load, help="Far away")

@hookimpl
def flowkit_step_decorators():
    yield Provider("far", load)

@hookimpl
def flowkit_compute_backends():
    yield Provider("far", load)
"""
#: What no command needs before a value or a setting asks for it.
HEAVY = {"numpy", "pandas", "polars", "pyarrow", "importlib_metadata", "importlib.metadata", "an_sdk"}
#: What looking at a flow doesn't need.
OF_A_RUN = {"asyncio", "sqlite3", "zstandard", "rich", "subprocess", "tempfile", "socket", "logging"}


@pytest.fixture
def flow(project: Project, site: Site) -> Project:
    site.plugin("far", SDK)
    site.module("an_sdk", "raise SystemExit('an SDK was imported')")
    project.environment["PYTHONPATH"] = str(site.folder)
    project.write("flow.py", FLOW)
    return project


def loaded(flow: Project, *arguments: str) -> set[str]:
    done = flow.run(*arguments, check=True)
    line = next(line for line in reversed(done.stderr.splitlines()) if line.startswith("LOADED"))
    return set(line.split()[1:])


@pytest.mark.parametrize("command", [["show"], ["--help"], ["check"], ["version"]])
def test_looking_at_a_flow_loads_no_sdk_and_nothing_of_a_run(flow: Project, command: list[str]) -> None:
    modules = loaded(flow, *command)
    assert "plugin_far" in modules
    assert not modules & HEAVY
    assert not modules & OF_A_RUN
    assert not {name for name in modules if name.startswith(("flowkit.engine", "flowkit.task", "flowkit.client"))}


def test_a_run_loads_no_sdk_that_it_does_not_use(flow: Project) -> None:
    assert not loaded(flow, "run") & HEAVY


def test_listing_plugins_loads_no_sdk(flow: Project) -> None:
    assert "far" in flow.flowkit("plugins", "list", check=True).stdout
