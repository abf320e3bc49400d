"""``@environment`` where the user insists on forked tasks."""

from __future__ import annotations

import pytest

from support.project import Project

FLOW = """
    import os

    from flowkit import FlowSpec, environment, step


    class VariablesFlow(FlowSpec):
        @environment(vars={"COLOUR": "blue"})
        @step
        def start(self):
            print("start has", os.environ.get("COLOUR"))
            self.next(self.end)

        @step
        def end(self):
            print("end has", os.environ.get("COLOUR"))


    if __name__ == "__main__":
        VariablesFlow()
"""


@pytest.mark.parametrize("start", ["auto", "fork", "spawn"])
def test_the_variables_reach_their_step_and_no_other(project: Project, start: str) -> None:
    project.write("flow.py", FLOW)
    shown = project.run("run", "--task-start", start, check=True).stdout
    assert "start has blue" in shown
    assert "end has None" in shown
