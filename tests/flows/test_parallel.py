"""Steps whose tasks run together: ``num_parallel`` and ``@parallel``."""

from __future__ import annotations

import json

from support.project import Project

FLOW = """
import os
import socket
import time

from flowkit import FlowSpec, Parameter, current, parallel, step

class Nodes(FlowSpec):
    nodes = Parameter("nodes", default=3)

    @step
    def start(self):
        assert current.is_parallel is False
        self.next(self.train, num_parallel=self.nodes)

    @parallel
    @step
    def train(self):
        me = current.parallel
        assert current.is_parallel is True
        self.node = (me.node_index, me.num_nodes, me.main_ip, me.control_task_id, self.input, self.index)
        open(f"node-{me.node_index}", "w").close()
        # Each waits until all are there: none would end if they didn't run together.
        while not all(os.path.exists(f"node-{index}") for index in range(me.num_nodes)):
            time.sleep(0.01)
        if os.path.exists("fail") and me.node_index == 1:
            raise ValueError("told to")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.nodes_seen = [one.node for one in inputs]
        self.places = [(one.index, one.input) for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    Nodes()
"""
READ = """
import json
from flowkit import Flow, namespace
namespace(None)
run = Flow("Nodes").latest_run
step = run["train"]
print(json.dumps({
    "nodes": run["join"].task.data.nodes_seen if "join" in run else None,
    "places": run["join"].task.data.places if "join" in run else None,
    "control": [task.id for task in step.control_tasks()],
    "control_task": step.control_task.id,
    "tasks": sorted(task.id for task in step),
    "cloned": sorted(task.index for task in step if task.origin_pathspec),
}))
"""


def test_the_tasks_run_at_the_same_time_and_know_their_place(project: Project) -> None:
    project.write("flow.py", FLOW)
    # More nodes than workers: they get the room that they need.
    project.run("run", "--nodes", "5", "--max-workers", "2", check=True, timeout=60)
    told = json.loads(project.python("-c", READ, check=True).stdout)
    [control] = told["control"]
    assert told["nodes"] == [[index, 5, "127.0.0.1", control, index, index] for index in range(5)]
    assert told["places"] == [[index, index] for index in range(5)]
    assert told["control_task"] == control
    assert control in told["tasks"]
    assert len(told["tasks"]) == 5


def test_spin_refuses_one_of_them(project: Project) -> None:
    project.write("flow.py", FLOW)
    project.run("run", "--nodes", "1", check=True, timeout=60)
    done = project.run("spin", "train")
    assert done.returncode == 1
    said = "Can't run the task again: the tasks of step 'train' run together, and can't be run one by one"
    assert done.stderr.strip().splitlines()[-1] == said


def test_a_resumed_run_runs_all_of_them_again(project: Project) -> None:
    project.write("flow.py", FLOW)
    (project.path / "fail").touch()
    assert project.run("run").returncode == 1
    for file in project.path.glob("node-*"):
        file.unlink()
    (project.path / "fail").unlink()
    project.run("resume", check=True, timeout=60)
    told = json.loads(project.python("-c", READ, check=True).stdout)
    assert told["cloned"] == []
    assert [node[0] for node in told["nodes"]] == [0, 1, 2]


def test_parallel_belongs_on_a_step_that_num_parallel_starts(project: Project) -> None:
    project.write("flow.py", FLOW.replace("num_parallel=self.nodes", "foreach='names'"))
    done = project.run("check")
    assert done.returncode == 1
    assert "@parallel is for a step that self.next(self.train, num_parallel=…) starts" in done.stderr


TORCH = """
import os

from flowkit import FlowSpec, pytorch_parallel, step

NAMES = ("MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE", "NUM_NODES", "RANK", "NODE_RANK", "PL_TORCH_DISTRIBUTED_BACKEND")

class Torch(FlowSpec):
    @step
    def start(self):
        self.next(self.train, num_parallel=2)

    @pytorch_parallel(PORT)
    @step
    def train(self):
        self.told = [os.environ[name] for name in NAMES]
        self.next(self.join)

    @step
    def join(self, inputs):
        for each in inputs:
            print(*each.told)
        self.next(self.end)

    @step
    def end(self):
        assert not any(name in os.environ for name in NAMES)

if __name__ == "__main__":
    Torch()
"""


def test_torch_finds_the_other_nodes_by_variables(project: Project) -> None:
    project.write("flow.py", TORCH.replace("(PORT)", "(master_port=2345)"))
    done = project.run("run", check=True, timeout=60)
    assert "127.0.0.1 2345 2 2 0 0 gloo" in done.stdout
    assert "127.0.0.1 2345 2 2 1 1 gloo" in done.stdout


def test_without_a_port_all_nodes_take_the_same(project: Project) -> None:
    project.write("flow.py", TORCH.replace("(PORT)", ""))
    done = project.run("run", "--run-id-file", "id", check=True, timeout=60)
    port = 51_000 + int((project.path / "id").read_text()) % 10_000
    assert f"127.0.0.1 {port} 2 2 0 0 gloo" in done.stdout
    assert f"127.0.0.1 {port} 2 2 1 1 gloo" in done.stdout


def test_a_port_that_is_none(project: Project) -> None:
    project.write("flow.py", TORCH.replace("(PORT)", "(master_port='x')"))
    done = project.run("check")
    assert done.returncode == 1
    assert "@pytorch_parallel: master_port is 'x'; it must be a whole number from 1 to 65535" in done.stderr
