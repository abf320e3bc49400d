"""A foreach whose items a plugin's decorator finds while the run goes on."""

from __future__ import annotations

import json

from support.project import Project

PLUGIN = """
from pathlib import Path

from flowkit.plugin import Provider, StepDecorator, UnboundedForeach, hookimpl

class Files(UnboundedForeach):
    def __init__(self, pattern):
        self.pattern = pattern

class EachFile(StepDecorator):
    name = "each_file"

    def around(self, run, context):
        if not context.spec.is_control:
            run()
            return
        files = getattr(context.flow, context.spec.frames[-1].variable)
        context.fan_out(sorted(path.name for path in Path().glob(files.pattern)))

@hookimpl
def flowkit_step_decorators():
    yield Provider("each_file", lambda: EachFile, help="A task for each file")
"""
FLOW = """
from flowkit import FlowSpec, each_file, step
from flowkit_plugins import Files

class EachFileFlow(FlowSpec):
    @step
    def start(self):
        self.files = Files("*.txt")
        self.next(self.read, foreach="files")

    @each_file
    @step
    def read(self):
        self.text = open(self.input).read()
        self.stack = self.foreach_stack()
        self.next(self.shout)

    @step
    def shout(self):
        self.text = self.text.upper()
        self.next(self.join)

    @step
    def join(self, inputs):
        self.texts = [one.text for one in inputs]
        self.found = [one.input for one in inputs]
        self.stacks = [one.stack for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass

if __name__ == "__main__":
    EachFileFlow()
"""
READ = """
import json
from flowkit import Flow, namespace
namespace(None)
run = Flow("EachFileFlow").latest_run
step = run["read"]
data = run["join"].task.data
print(json.dumps({
    "texts": data.texts, "found": data.found, "stacks": data.stacks,
    "tasks": len(list(step)), "control": len(list(step.control_tasks())),
    "control_succeeded": step.control_task.successful, "parents": len(list(run["join"].task.parent_tasks)),
}))
"""


def made(project: Project, *files: str) -> Project:
    project.write("flowkit_plugins.py", PLUGIN)
    project.write("flow.py", FLOW)
    for name in files:
        project.write(name, f"in {name}")
    return project


def test_each_item_that_the_control_task_finds_gets_a_task(project: Project) -> None:
    made(project, "a.txt", "b.txt", "c.txt").run("run", check=True)
    told = json.loads(project.python("-c", READ, check=True).stdout)
    assert told["texts"] == ["IN A.TXT", "IN B.TXT", "IN C.TXT"]
    assert told["found"] == ["a.txt", "b.txt", "c.txt"]
    assert told["stacks"] == [[[0, None, "a.txt"]], [[1, None, "b.txt"]], [[2, None, "c.txt"]]]
    # The control task is one more than there are items; the join doesn't see it.
    assert (told["tasks"], told["control"], told["control_succeeded"], told["parents"]) == (4, 1, True, 3)


def test_no_items_are_an_error_that_says_which(project: Project) -> None:
    done = made(project).run("run")
    assert done.returncode == 1
    assert "files turned out to have no items" in done.stderr


def test_without_its_decorator_the_run_fails_and_says_so(project: Project) -> None:
    made(project, "a.txt").write("flow.py", FLOW.replace("    @each_file\n", ""))
    done = project.run("run")
    assert done.returncode == 1
    assert "is to say what the items of 'files' are, and no decorator of step 'read' does" in done.stderr


def test_a_limit_of_splits_holds_for_what_is_found(project: Project) -> None:
    done = made(project, "a.txt", "b.txt", "c.txt").run("run", "--max-num-splits", "2")
    assert done.returncode == 1
    assert "the foreach has 3 items, and --max-num-splits allows 2" in done.stderr


def test_its_tasks_and_its_join_run_again_and_can_be_looked_into(project: Project) -> None:
    made(project, "a.txt", "b.txt").run("run", check=True)
    for step, shown in (("read", "text: str = 'in b.txt'"), ("join", "texts: list = ['IN A.TXT', 'IN B.TXT']")):
        project.run("spin", step, "--persist", "--run-id-file", "spun", check=True)
        spun = (project.path / "spun").read_text()
        assert shown in project.run("--mode", "spin", "dump", f"{spun}/{step}", check=True).stdout
    code = "print([one.input for one in inputs], artifacts.found)"
    looked = project.flowkit("debug", f"{spun}/join", "--metadata", "spin", "-c", code, check=True)
    assert looked.stdout == "['a.txt', 'b.txt'] ['a.txt', 'b.txt']\n"


def test_the_control_task_cant_be_run_alone(project: Project) -> None:
    made(project, "a.txt").run("run", "--run-id-file", "id", check=True)
    control = project.python(
        "-c",
        "from flowkit import Flow, namespace; namespace(None); "
        "print(Flow('EachFileFlow').latest_run['read'].control_task.pathspec)",
        check=True,
    ).stdout.strip()
    done = project.run("spin", control)
    assert done.returncode == 1
    assert "only says what the items of its foreach are" in done.stderr
