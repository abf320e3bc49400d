"""Many tasks in one run: the launching process and the parent of tasks stay as they are, and nothing is left behind."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from support.processes import processes_with
from support.project import Project

FLOW = """
    import json
    import os

    from flowkit import FlowSpec, step

    # Read again where a task starts in a fresh interpreter, which inherits it.
    LAUNCHER = int(os.environ.setdefault("SOAK_LAUNCHER", str(os.getpid())))
    TASKS = int(os.environ["SOAK_TASKS"])


    def look(pid):
        status = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
        children = open(f"/proc/{pid}/task/{pid}/children").read().split()
        return {
            "kilobytes": int(status["VmRSS"].split()[0]),
            "threads": int(status["Threads"]),
            "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
            "children": len(children),
        }


    class SoakFlow(FlowSpec):
        @step
        def start(self):
            self.items = list(range(TASKS))
            self.next(self.work, foreach="items")

        @step
        def work(self):
            self.seen = None
            if (self.input + 1) % (TASKS // 4) == 0:
                self.seen = {"launcher": look(LAUNCHER), "parent": look(os.getppid())}
            self.next(self.join)

        @step
        def join(self, inputs):
            self.seen = [one.seen for one in inputs if one.seen is not None]
            self.count = len(list(inputs))
            self.next(self.end)

        @step
        def end(self):
            with open("seen.json", "w") as file:
                json.dump({"seen": self.seen, "count": self.count}, file)


    if __name__ == "__main__":
        SoakFlow()
"""
#: What the launching process may keep of each task, in bytes: its place in the split and how it ended.
KEPT = 2_500
#: What allocators do meanwhile, in kilobytes.
SLACK = 12_000


@pytest.mark.parametrize("tasks", [400, pytest.param(20_000, marks=pytest.mark.long)])
def test_many_tasks_leave_nothing_behind(project: Project, tmp_path: Path, tasks: int) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    env = {"SOAK_TASKS": str(tasks), "TMPDIR": str(temporary), "MARKER": f"soak-{tmp_path}"}
    project.write("flow.py", FLOW)
    run = ("--quiet", "run", "--max-workers", "2", "--max-num-splits", str(tasks))
    project.run(*run, check=True, env=env, timeout=3600)
    found = json.loads((project.path / "seen.json").read_text())
    assert found["count"] == tasks
    quarters = found["seen"]
    assert len(quarters) == 4
    first, last = quarters[0], quarters[-1]
    between = tasks - tasks // 4
    assert last["launcher"]["kilobytes"] - first["launcher"]["kilobytes"] < SLACK + KEPT * between // 1024
    assert last["parent"]["kilobytes"] - first["parent"]["kilobytes"] < SLACK
    for process in ("launcher", "parent"):
        for what in ("descriptors", "children", "threads"):
            # Two tasks run at once; each has some while it runs.
            assert last[process][what] <= first[process][what] + 6, (process, what, quarters)
    assert os.listdir(temporary) == []
    assert processes_with(env["MARKER"]) == []
