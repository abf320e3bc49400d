"""Items of a foreach that a step changes in place: its branch sees the change, and nothing else does."""

from __future__ import annotations

from support.project import Project

FLOW = """
    import os

    import numpy as np

    from flowkit import FlowSpec, step


    class ChangedFlow(FlowSpec):
        @step
        def start(self):
            self.configs = [{"rate": 1}, {"rate": 2}, (3, "fixed")]
            self.next(self.train, foreach="configs")

        @step
        def train(self):
            if isinstance(self.input, dict):
                self.input["score"] = self.input["rate"] * 10
            self.arrays = [np.zeros(3), np.zeros(3)]
            self.next(self.inner, foreach="arrays")

        @step
        def inner(self):
            self.input[self.index] = 7
            outer = self.foreach_stack()[0][2]
            if isinstance(outer, dict):
                outer["inner"] = self.index
            self.next(self.after)

        @step
        def after(self):
            self.seen = (self.foreach_stack()[0][2], self.input.tolist())
            self.next(self.inner_join)

        @step
        def inner_join(self, inputs):
            self.seen = [each.seen for each in inputs]
            self.of_inputs = [(each.input.tolist(), each.foreach_stack()[0][2]) for each in inputs]
            self.merge_artifacts(inputs)
            self.next(self.join)

        @step
        def join(self, inputs):
            self.seen = [each.seen for each in inputs]
            self.of_inputs = [each.of_inputs for each in inputs]
            assert "FAIL" not in os.environ
            self.next(self.end)

        @step
        def end(self):
            print("seen", self.seen)
            print("inputs", self.of_inputs)


    if __name__ == "__main__":
        ChangedFlow()
"""
BOTH = [[7.0, 0.0, 0.0], [0.0, 7.0, 0.0]]


def expected(rate: int) -> list[dict[str, int]]:
    return [{"rate": rate, "score": 10 * rate, "inner": index} for index in range(2)]


def test_a_branch_sees_what_it_changed(project: Project) -> None:
    project.write("flow.py", FLOW)
    assert project.run("run", env={"FAIL": "1"}).returncode == 1
    outer = [expected(1), expected(2), [(3, "fixed"), (3, "fixed")]]
    seen = [list(zip(items, BOTH, strict=True)) for items in outer]
    of_inputs = [list(zip(BOTH, items, strict=True)) for items in outer]
    # Also where it is taken over.
    stdout = project.run("resume", check=True).stdout
    assert f"seen {seen}\n" in stdout
    assert f"inputs {of_inputs}\n" in stdout
    read = "from flowkit import Flow; print(Flow('ChangedFlow').latest_run['start'].task.data.configs)"
    assert project.python("-c", read, check=True).stdout == "[{'rate': 1}, {'rate': 2}, (3, 'fixed')]\n"


def test_what_was_only_read_is_not_stored_again(project: Project) -> None:
    project.write("flow.py", FLOW.replace('self.input["score"] =', "_ =").replace("self.input[self.index] = 7", ""))
    project.write("flow.py", (project.path / "flow.py").read_text().replace('outer["inner"] =', "_ ="))
    project.run("run", check=True)
    read = (
        "from flowkit import Flow; run = Flow('ChangedFlow').latest_run;"
        "print([artifact.id for step in run for task in step for artifact in task if artifact.id.startswith('_')])"
    )
    assert project.python("-c", read, check=True).stdout == "[]\n"
