"""Tags that tasks give to their own run, many at once."""

from __future__ import annotations

from support.project import Project

FLOW = """
    from flowkit import FlowSpec, Task, current, step

    class CrowdFlow(FlowSpec):
        @step
        def start(self):
            self.items = list(range(50))
            self.next(self.each, foreach="items")

        @step
        def each(self):
            run = Task(current.pathspec).parent.parent
            run.add_tag(f"item-{self.input}")
            self.own = f"item-{self.input}" in run.user_tags
            self.next(self.join)

        @step
        def join(self, inputs):
            self.all = all(i.own for i in inputs)
            self.next(self.end)

        @step
        def end(self):
            assert self.all

    if __name__ == "__main__":
        CrowdFlow()
"""


def test_fifty_tasks_at_once_each_give_the_run_a_tag(project: Project) -> None:
    project.write("flow.py", FLOW)
    project.run("run", "--max-workers", "50", "--run-id-file", "id", check=True)
    done = project.run("tag", "list", "--flat", "--hide-system-tags", check=True)
    assert sorted(done.stdout.split()) == sorted(f"item-{number}" for number in range(50))
