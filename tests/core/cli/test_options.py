"""Options whose other uses are tested with the command that they belong to first."""

from __future__ import annotations

import json

import pytest

from support.project import Project
from support.records import latest_run

FLOW = """
import os
from flowkit import FlowSpec, step

class Optional(FlowSpec):
    @step
    def start(self):
        self.items = list(range(3))
        if "FAIL" in os.environ:
            raise ValueError("asked to")
        self.next(self.work, foreach="items")

    @step
    def work(self):
        self.parent = os.getppid()
        self.variable = os.environ.get("GIVEN")
        self.next(self.join)

    @step
    def join(self, inputs):
        self.parents = len({one.parent for one in inputs})
        self.variables = [one.variable for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        print("parents", self.parents, "variables", self.variables)

if __name__ == "__main__":
    Optional()
"""


@pytest.fixture
def failed(project: Project) -> Project:
    """A project with a run that failed in its first step."""
    project.write("flow.py", FLOW)
    assert project.run("run", "--run-id-file", "id", env={"FAIL": "1"}).returncode == 1
    return project


def test_the_run_s_id_is_in_its_file_before_the_first_task(project: Project) -> None:
    seen = "        print('id in file', open('id').read() == self.run_id())\n"
    method = "    def run_id(self):\n        from flowkit import current\n        return current.run_id\n\n"
    flow = FLOW.replace("    @step\n    def start(self):\n", f"{method}    @step\n    def start(self):\n{seen}")
    project.write("flow.py", flow)
    assert "id in file True" in project.run("run", "--run-id-file", "id", check=True).stdout


def test_resume_bounds_a_foreach(failed: Project) -> None:
    done = failed.run("resume", "--max-num-splits", "2")
    assert done.returncode == 1
    assert "the foreach has 3 items, and --max-num-splits allows 2" in done.stderr
    failed.run("resume", "--max-num-splits", "3", check=True)


def test_resume_adds_decorators(failed: Project) -> None:
    given = 'environment:vars={"GIVEN": "x"}'
    assert "variables ['x', 'x', 'x']" in failed.run("resume", "--with", given, check=True).stdout


@pytest.mark.parametrize(("start", "said"), [("fork", "tasks are forked"), ("spawn", "tasks start in fresh")])
def test_resume_starts_tasks_as_asked(failed: Project, start: str, said: str) -> None:
    assert said in failed.run("-v", "resume", "--task-start", start, check=True).stderr


@pytest.mark.parametrize(("workers", "most"), [("1", 1), ("3", 3)])
def test_resume_bounds_what_runs_at_once(failed: Project, workers: str, most: int) -> None:
    slow = FLOW.replace(
        "        self.parent = os.getppid()\n", "        import time; self.parent = 0; time.sleep(0.5)\n"
    )
    failed.write("flow.py", slow)
    failed.run("resume", "--max-workers", workers, "--run-id-file", "id", check=True)
    program = (
        "from flowkit import Run; run = Run('Optional/' + open('id').read());"
        "times = [(task.created_at, task.finished_at) for task in run['work']];"
        "print(max(sum(a <= at < b for a, b in times) for at, _ in times))"
    )
    assert int(failed.python("-c", program, check=True).stdout) <= most


def test_replacing_tags_needs_the_namespace_of_the_run(project: Project) -> None:
    project.write("flow.py", FLOW)
    project.run("run", "--tag", "a", "--run-id-file", "id", check=True)
    command = ("tag", "replace", "--run-id", (project.path / "id").read_text(), "--add", "b", "--remove", "a")
    other = {"FLOWKIT_USER": "other"}
    refused = project.run(*command, env=other)
    assert refused.returncode == 1
    assert "is not in the namespace 'user:other'" in refused.stderr
    project.run(*command, "--namespace", "user:tester", env=other, check=True)
    listed = project.run("tag", "list", "--flat", "--hide-system-tags", "--run-id", command[3], check=True)
    assert listed.stdout.split() == ["b"]


def test_removing_tags_needs_the_namespace_of_the_run(project: Project) -> None:
    project.write("flow.py", FLOW)
    project.run("run", "--tag", "a", "--run-id-file", "id", check=True)
    command = ("tag", "remove", "--run-id", (project.path / "id").read_text(), "a")
    other = {"FLOWKIT_USER": "other"}
    assert "is not in the namespace 'user:other'" in project.run(*command, env=other).stderr
    project.run(*command, "--namespace", "user:tester", env=other, check=True)
    listed = project.run("tag", "list", "--flat", "--hide-system-tags", "--run-id", command[3], check=True)
    assert listed.stdout.split() == []


def test_export_of_the_project_s_file_and_over_a_file_that_is_there(project: Project) -> None:
    project.write("user.json", '{"MAX_WORKERS": 2}')
    project.write("own.json", '{"MAX_WORKERS": 3}')
    project.write("profile.json", '{"MAX_WORKERS": 4}')
    project.flowkit("configure", "import", "user.json", check=True)
    project.flowkit("configure", "import", "--project", "own.json", check=True)
    project.flowkit("configure", "import", "-p", "p", "profile.json", check=True)

    def exported(*options: str) -> object:
        project.flowkit("configure", "export", *options, "out.json", check=True)
        return json.loads((project.path / "out.json").read_text())["FLOWKIT_MAX_WORKERS"]

    assert exported() == 2
    refused = project.flowkit("configure", "export", "--project", "out.json")
    assert refused.returncode != 0
    assert json.loads((project.path / "out.json").read_text()) == {"FLOWKIT_MAX_WORKERS": 2}
    assert exported("--project", "--force") == 3
    assert exported("-p", "p", "--force") == 4


def test_reset_of_one_file_leaves_the_others(project: Project) -> None:
    project.write("a.json", '{"MAX_WORKERS": 2}')
    for option in ((), ("--project",), ("-p", "p")):
        project.flowkit("configure", "import", *option, "a.json", check=True)
    home = project.home / ".flowkitconfig"
    own = project.store / "config.json"
    project.flowkit("configure", "reset", "--yes", "--project", check=True)
    assert [own.exists(), (home / "config.json").exists(), (home / "config_p.json").exists()] == [False, True, True]
    project.flowkit("configure", "reset", "--yes", "-p", "p", check=True)
    assert [(home / "config.json").exists(), (home / "config_p.json").exists()] == [True, False]


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        (("--datastore", "nowhere"), "there is no datastore 'nowhere'"),
        (("--datastore-root", "elsewhere"), "elsewhere"),
        (("--metadata", "nowhere"), "there is no metadata provider 'nowhere'"),
        (("--with", "nothing"), "nothing"),
        (("--event-logger", "debug"), "[event]"),
        (("--monitor", "debug"), "[monitor]"),
        (("-v",), "tasks are forked"),
        (("--no-plugin", "flowkit_plugins"), "the plugin isn't there"),
    ],
)
def test_flowkit_run_takes_what_stands_before_a_flow_s_command(
    project: Project, options: tuple[str, ...], seen: str
) -> None:
    line = 'print("the plugin is there" if "beside" in names else "the plugin isn\'t there", run.datastore_root)'
    project.write(
        "flow.py",
        FLOW.replace(
            '        print("parents"',
            "        from flowkit.kernel.registry import default_registry\n"
            "        from flowkit import current\n"
            "        run = current.run._run.record\n"
            f"        names = run.info['plugins']\n        {line.replace('beside', 'flowkit_plugins')}\n"
            '        print("parents"',
        ),
    )
    project.write("flowkit_plugins.py", "")
    plain = project.flowkit("run", "flow.py")
    assert seen not in plain.stdout + plain.stderr
    done = project.flowkit("run", *options, "flow.py")
    assert seen in done.stdout + done.stderr


def test_flowkit_run_takes_which_files_are_code(project: Project) -> None:
    project.write("flow.py", FLOW)
    project.write("table.csv", "a,b\n")
    codes = []
    for options in ((), ("--package-suffixes", ".csv")):
        project.flowkit("run", *options, "flow.py", check=True)
        run = latest_run(project, "Optional")
        assert run is not None
        codes.append(run.code)
    assert "" not in codes
    assert codes[0] != codes[1]


def test_flowkit_itself_says_more_when_asked(project: Project) -> None:
    assert "Traceback" not in project.flowkit("run", "gone.py").stderr
    assert "Traceback" in project.flowkit("-v", "configure", "import", "gone.json").stderr
