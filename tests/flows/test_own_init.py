"""A flow with an ``__init__`` of its author's, however its tasks get a process."""

from __future__ import annotations

import pytest

from support.project import Project

FLOW = """
    from flowkit import FlowSpec, step


    class InitFlow(FlowSpec):
        def __init__(self, *args, **kwargs):
            self.cache = {"k": 1}
            super().__init__(*args, **kwargs)

        @step
        def start(self):
            self.cache["k"] += 1
            print("start", self.cache)
            self.next(self.end)

        @step
        def end(self):
            print("end", self.cache)


    if __name__ == "__main__":
        InitFlow()
"""
STEP = """
    from flow import InitFlow
    from flowkit.testing import run_step

    print(run_step(InitFlow.end)["cache"], run_step(InitFlow.start)["cache"])
"""


@pytest.mark.parametrize(
    "how", [("--task-start", "fork"), ("--task-start", "spawn"), ("--inproc", "start", "--inproc", "end")]
)
def test_what_it_sets_is_there_in_every_task(project: Project, how: tuple[str, ...]) -> None:
    project.write("flow.py", FLOW)
    done = project.run("run", *how, "--run-id-file", "id", check=True)
    assert "start {'k': 2}" in done.stdout
    assert "end {'k': 1}" in done.stdout
    dumped = project.run("dump", f"{(project.path / 'id').read_text()}/end", check=True)
    assert "cache" in dumped.stdout


def test_spin_and_run_step_call_it(project: Project) -> None:
    project.write("flow.py", FLOW)
    project.run("run", check=True)
    assert "end {'k': 1}" in project.run("spin", "end", check=True).stdout
    project.write("step.py", STEP)
    assert project.python("step.py", check=True).stdout.splitlines()[-1] == "{'k': 1} {'k': 2}"
