"""What the client tells of real tasks: their place in foreaches, and failures that were handled."""

from __future__ import annotations

import json

from support.project import Project

NESTED = """
    from flowkit import FlowSpec, step

    class NestedFlow(FlowSpec):
        @step
        def start(self):
            self.letters = ["a", "b" * 50]
            self.next(self.outer, foreach="letters")

        @step
        def outer(self):
            self.numbers = [[1, 2], None]
            self.next(self.inner, foreach="numbers")

        @step
        def inner(self):
            self.used = self.index and self.input
            self.next(self.after)

        @step
        def after(self):
            self.next(self.join_inner)

        @step
        def join_inner(self, inputs):
            self.next(self.join_outer)

        @step
        def join_outer(self, inputs):
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        NestedFlow()
"""
READ_STACKS = """
    import json
    from flowkit import Flow
    run = Flow("NestedFlow").latest_run
    stacks = lambda step: sorted(task.metadata_dict["foreach-stack"] for task in run[step])
    found = {step: stacks(step) for step in ("outer", "inner", "after", "join_inner")}
    found["start"] = run["start"].task.metadata_dict.get("foreach-stack")
    found["end"] = run["end"].task.metadata_dict.get("foreach-stack")
    print(json.dumps(found))
"""


def test_the_foreach_stack_has_the_items(project: Project) -> None:
    project.write("flow.py", NESTED)
    project.write("read.py", READ_STACKS)
    project.run("run", check=True)
    found = json.loads(project.python("read.py", check=True).stdout)
    outer = [["letters=a"], [f"letters={'b' * 30}"]]
    inner = [[*one, item] for one in outer for item in ("numbers=None", "numbers=[1, 2]")]
    assert found == {
        "outer": outer,
        "inner": inner,
        "after": inner,
        "join_inner": outer,
        "start": None,
        "end": None,
    }


CATCHING = """
    import os, signal
    from flowkit import FlowSpec, catch, retry, step

    class CatchingFlow(FlowSpec):
        @step
        def start(self):
            self.next(self.raises, self.dies, self.recovers)

        @catch(var="error")
        @step
        def raises(self):
            self.before = 1
            raise ValueError("bad")
            self.next(self.join)

        @catch(var="error")
        @step
        def dies(self):
            os.kill(os.getpid(), signal.SIGKILL)
            self.next(self.join)

        @retry(times=1)
        @catch(var="error")
        @step
        def recovers(self):
            if not os.path.exists("mark"):
                open("mark", "w").close()
                raise ValueError("first")
            self.next(self.join)

        @step
        def join(self, inputs):
            self.next(self.end)

        @step
        def end(self):
            pass

    if __name__ == "__main__":
        CatchingFlow()
"""
READ_FAILURES = """
    import json
    from flowkit import Flow, Task
    run = Flow("CatchingFlow").latest_run
    print(json.dumps({
        s: [t.successful, t.finished, t.exception is None, t.data.error and t.data.error.__class__.__name__]
        for s in ("raises", "dies", "recovers") for t in [run[s].task]
    }))
    assert run.successful
    first = Task(run["recovers"].task.pathspec, attempt=0)
    assert (first.successful, first.exception.exception) == (False, "first")
    assert run["raises"].task.data.before == 1
"""


def test_a_failure_that_was_handled_is_no_success_and_no_exception(project: Project) -> None:
    project.write("flow.py", CATCHING)
    project.write("read.py", READ_FAILURES)
    project.run("run", check=True)
    assert json.loads(project.python("read.py", check=True).stdout) == {
        "raises": [False, True, True, "CaughtException"],
        "dies": [False, True, True, "CaughtException"],
        "recovers": [True, True, True, None],
    }
