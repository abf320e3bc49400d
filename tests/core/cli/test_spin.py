"""``spin``: one task of an earlier run, run again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from support.project import Project

FLOW = """
    import os

    from flowkit import Config, FlowSpec, Parameter, catch, current, retry, step


    class Spun(FlowSpec):
        alpha = Parameter("alpha", default=3)
        config = Config("config", default_value={"unit": "m"})
        constant = "old"

        @step
        def start(self):
            self.items = ["a", "b", "c"]
            self.base = 100
            print("start", self.alpha, self.config.unit)
            self.next(self.work, foreach="items")

        @retry(times=2)
        @catch(var="problem")
        @step
        def work(self):
            self.seen = f"{self.input}{self.index}{self.base + self.alpha}{self.config.unit}"
            print("work", self.seen, current.retry_count, self.constant, self.foreach_stack()[0][1])
            if os.environ.get("FAIL"):
                raise ValueError("told to")
            self.next(self.split)

        @step
        def split(self):
            self.next(self.left, self.right)

        @step
        def left(self):
            self.side = "left"
            self.next(self.both)

        @step
        def right(self):
            self.side = "right"
            self.next(self.both)

        @step
        def both(self, inputs):
            self.merge_artifacts(inputs, exclude=["side"])
            self.sides = [inputs.left.side, inputs.right.side]
            print("both", self.sides, self.seen)
            self.next(self.join)

        @step
        def join(self, inputs):
            self.all = [one.seen for one in inputs]
            print("join", self.all, [one.input for one in inputs], self.alpha)
            self.next(self.end)

        @step
        def end(self):
            print("end", len(self.all))


    if __name__ == "__main__":
        Spun()
"""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A run, made once."""
    project = Project.make(tmp_path_factory.mktemp("spin"))
    project.write("flow.py", FLOW)
    project.run("run", "--alpha", "5", "--run-id-file", "id", check=True)
    return project


@pytest.fixture
def ran(template: Project) -> Project:
    return template


def run_id(project: Project) -> str:
    return (project.path / "id").read_text()


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("start", "start 5 m"),
        ("work", "work c2105m 0 old 3"),
        ("both", "both ['left', 'right']"),
        ("join", "join ['a0105m', 'b1105m', 'c2105m'] ['a', 'b', 'c'] 5"),
        ("end", "end 3"),
    ],
)
def test_a_step_runs_again_with_its_inputs(ran: Project, step: str, said: str) -> None:
    done = ran.run("spin", step, check=True)
    lines = [line.partition("] ")[2] for line in done.stdout.splitlines()]
    assert len(lines) == 1
    assert lines[0].startswith(said)
    assert f"running Spun/{run_id(ran)}/{step}/" in done.stderr


def test_a_task_can_be_named_in_several_ways(ran: Project) -> None:
    run = run_id(ran)
    for name in (f"{run}/work/2", f"Spun/{run}/work/2"):
        assert "work a0105m" in ran.run("spin", name, check=True).stdout
    assert "work c2105m" in ran.run("spin", f"{run}/work", check=True).stdout


def test_nothing_of_the_run_changes_and_no_run_is_added(ran: Project) -> None:

    def files() -> list[Path]:
        found = ran.store.rglob("*")
        return sorted(path for path in found if path.suffix in (".json", ".log") and ".cache" not in path.parts)

    before = files()
    listed = ran.run("tag", "list", "--group-by-run", check=True).stdout
    ran.run("spin", "join", "--persist", check=True)
    assert files() == before
    assert ran.run("tag", "list", "--group-by-run", check=True).stdout == listed
    assert (ran.path / ".flowkit_spin").is_dir()


def artifacts_of(project: Project, spun: str) -> dict[str, object]:
    code = f"""
        import json
        from flowkit import Task, inspect_spin, namespace
        namespace(None)
        inspect_spin()
        task = Task({spun!r})
        print(json.dumps({{one.id: repr(one.data) for one in task}}))
    """
    project.write("look.py", code)
    shown: dict[str, object] = json.loads(project.python("look.py", check=True).stdout)
    return shown


def test_artifacts_are_stored_if_asked_for(ran: Project) -> None:
    done = ran.run("spin", "join", "--persist", "--run-id-file", "spun", "--runner-attribute-file", "who", check=True)
    spun = (ran.path / "spun").read_text()
    found = json.loads((ran.path / "who").read_text())
    assert (found["flow_name"], found["run_id"], found["step_name"], found["task_id"]) == ("Spun", spun, "join", "1")
    assert found["metadata"].startswith("spin@")
    assert f"inspect_spin(); Task('Spun/{spun}/join/1').data" in done.stderr
    stored = artifacts_of(ran, f"Spun/{spun}/join/1")
    assert stored["all"] == "['a0105m', 'b1105m', 'c2105m']"
    assert stored["alpha"] == "5"
    ran.run("spin", "join", "--run-id-file", "spun", env={"FLOWKIT_SPIN_PERSIST": "1"}, check=True)
    assert artifacts_of(ran, f"Spun/{(ran.path / 'spun').read_text()}/join/1") == stored
    ran.run("spin", "join", "--no-persist", "--run-id-file", "spun", check=True)
    assert set(artifacts_of(ran, f"Spun/{(ran.path / 'spun').read_text()}/join/1")) == {"alpha", "config", "constant"}


def test_the_mode_spin_makes_commands_read_what_spin_ran(ran: Project) -> None:
    ran.run("spin", "end", "--persist", "--run-id-file", "spun", check=True)
    spun = (ran.path / "spun").read_text()
    assert ran.run("--mode", "spin", "logs", f"{spun}/end", check=True).stdout == "end 3\n"
    assert "alpha: int = 5" in ran.run("--mode", "spin", "dump", f"{spun}/end/1", check=True).stdout
    assert ran.run("logs", f"{spun}/end").returncode == 1


def test_a_module_replaces_artifacts(ran: Project) -> None:
    ran.write("given.py", "ARTIFACTS = {'base': 1000, 'alpha': 7, 'extra': lambda: 1}\n")
    done = ran.run("spin", "work", "--artifacts-module", "given.py", check=True)
    assert "work c21007m" in done.stdout
    ran.write("given.py", "ARTIFACTS = {'base': 1000, 'alpha': 7, 'extra': [1]}\n")
    ran.run("spin", "work", "--artifacts-module", "given.py", "--persist", "--run-id-file", "spun", check=True)
    stored = artifacts_of(ran, f"Spun/{(ran.path / 'spun').read_text()}/work/1")
    assert (stored["base"], stored["alpha"], stored["extra"], stored["seen"]) == ("1000", "7", "[1]", "'c21007m'")


def test_a_module_replaces_artifacts_of_one_input_of_a_join(ran: Project) -> None:
    run = run_id(ran)
    shown = ran.python(
        "-c", f"from flowkit import Step, namespace; namespace(None); print(*[t.id for t in Step('Spun/{run}/both')])"
    ).stdout
    newest = shown.split()[0]
    ran.write("given.py", f"ARTIFACTS = {{'{run}/both/{newest}': {{'seen': 'given'}}, 'alpha': 8}}\n")
    done = ran.run("spin", "join", "--artifacts-module", "given.py", check=True)
    assert re.search(r"join \[.*'given'.*\] \['a', 'b', 'c'\] 8", done.stdout)
    assert done.stdout.count("given") == 1


def test_the_code_is_todays_and_the_inputs_are_those_of_the_run(ran: Project, tmp_path_factory: object) -> None:
    text = (ran.path / "flow.py").read_text()
    try:
        (ran.path / "flow.py").write_text(
            text.replace('constant = "old"', 'constant = "new"').replace("default=3", "default=4")
        )
        assert "work c2105m 0 new 3" in ran.run("spin", "work", check=True).stdout
    finally:
        (ran.path / "flow.py").write_text(text)


def test_a_failure_is_neither_tried_again_nor_handled(ran: Project) -> None:
    done = ran.run("spin", "work", env={"FAIL": "1"})
    assert done.returncode == 1
    assert done.stdout.count("work c2105m") == 1
    assert "ValueError: told to" in done.stderr
    match = re.search(r"flowkit debug --metadata spin (\S+)", done.stderr)
    assert match is not None
    shown = ran.flowkit("debug", "--metadata", "spin", match[1], "-c", "print(self.base, frames[-1].function)")
    assert (shown.stdout, shown.returncode) == ("100 work\n", 0), shown.stderr


DECORATED = """
    from flowkit import FlowSpec, environment, step


    class Decorated(FlowSpec):
        @environment(vars={"WHERE": "here"})
        @step
        def start(self):
            import os
            print("where", os.environ.get("WHERE"))
            self.next(self.end)

        @step
        def end(self):
            print()


    if __name__ == "__main__":
        Decorated()
"""


def test_decorators_can_be_left_out(project: Project) -> None:
    project.write("flow.py", DECORATED)
    project.run("run", check=True)
    for start in ("fork", "spawn"):
        env = {"FLOWKIT_TASK_START": start}
        assert "where here" in project.run("spin", "start", "--no-skip-decorators", env=env, check=True).stdout
        assert "where None" in project.run("spin", "start", "--skip-decorators", env=env, check=True).stdout


def test_in_this_process_and_with_a_limit_of_the_log(project: Project) -> None:
    project.write("flow.py", DECORATED.replace('os.environ.get("WHERE")', 'os.getpid(), os.getppid(), "x" * 3_000_000'))
    project.run("run", check=True)
    code = (
        "import os, sys; print('launcher', os.getpid(), flush=True); "
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    done = project.python("-c", code, "flow.py", "spin", "start", "--inproc", check=True)
    launcher = done.stdout.partition("launcher ")[2].split()[0]
    assert f"where {launcher} " in done.stdout
    limited = project.run("spin", "start", "--max-log-size", "1", check=True)
    assert "(stdout is longer than 1 MB: what follows isn't stored" in limited.stdout


def test_a_wide_join_runs_again_also_of_a_run_that_took_it_over(project: Project) -> None:
    project.write(
        "flow.py",
        """
        from flowkit import FlowSpec, step


        class Wide(FlowSpec):
            @step
            def start(self):
                self.items = list(range(70))
                self.next(self.each, foreach="items")

            @step
            def each(self):
                self.double = 2 * self.input
                self.next(self.join)

            @step
            def join(self, inputs):
                print("sum", sum(one.double for one in inputs), inputs[69].input, inputs[3].index)
                self.next(self.end)

            @step
            def end(self):
                print()


        if __name__ == "__main__":
            Wide()
        """,
    )
    project.run("run", check=True)
    assert "sum 4830 69 3" in project.run("spin", "join", check=True).stdout
    project.run("resume", "end", check=True)
    assert "sum 4830 69 3" in project.run("spin", "join", check=True).stdout


NESTED = """
    from flowkit import FlowSpec, parallel, step


    class Nested(FlowSpec):
        @step
        def start(self):
            self.outer = ["a", "b"]
            self.next(self.middle, foreach="outer")

        @step
        def middle(self):
            self.inner = [1, 2]
            self.next(self.leaf, foreach="inner")

        @step
        def leaf(self):
            print("leaf", self.foreach_stack())
            self.next(self.first)

        @step
        def first(self, inputs):
            self.found = [one.input for one in inputs]
            print("first", self.found, self.input)
            self.next(self.second)

        @step
        def second(self, inputs):
            print("second", [one.found for one in inputs], [one.input for one in inputs])
            self.next(self.split)

        @step
        def split(self):
            self.next(self.together, num_parallel=2)

        @parallel
        @step
        def together(self):
            self.next(self.last)

        @step
        def last(self, inputs):
            print("last", len(inputs))
            self.next(self.end)

        @step
        def end(self):
            print()


    if __name__ == "__main__":
        Nested()
"""


def test_places_in_nested_foreaches_are_those_of_the_earlier_task(project: Project) -> None:
    project.write("flow.py", NESTED)
    project.run("run", "--max-workers", "1", check=True)
    for step, said in (
        ("leaf", "leaf [(1, 2, 'b'), (1, 2, 2)]"),
        ("first", "first [1, 2] b"),
        ("second", "second [[1, 2], [1, 2]] ['a', 'b']"),
        ("last", "last 2"),
    ):
        assert said in project.run("spin", step, check=True).stdout
    refused = project.run("spin", "together")
    assert refused.returncode == 1
    assert "run together, and can't be run one by one" in refused.stderr
    alone = project.run("run", "--inproc", "together")
    assert alone.returncode == 2
    assert "which one process can't do" in alone.stderr


def test_the_namespace_says_which_runs_are_looked_at(project: Project) -> None:
    project.write("flow.py", DECORATED)
    project.run("run", check=True)
    env = {"FLOWKIT_USER": "another"}
    refused = project.run("spin", "start", env=env)
    assert refused.returncode == 1
    assert "'user:another'" in refused.stderr
    assert "where here" in project.run("spin", "start", "--namespace=", env=env, check=True).stdout


@pytest.mark.parametrize("command", ["run", "resume"])
def test_the_mode_spin_starts_no_run(ran: Project, command: str) -> None:
    done = ran.run("--mode", "spin", command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"Usage error: '{command}' starts a run, and --mode spin is for commands about the tasks that spin ran: give "
        f"'{command}' without it, or 'spin STEP' to run one task again\n"
    )


def test_values_for_what_isnt_an_input_are_refused(ran: Project) -> None:
    run = run_id(ran)
    for step, key, said in (
        ("join", f"{run}/both/999", rf"is for no input of the task: its inputs are {run}/both/\d+, {run}/both/\d+, "),
        ("join", "start/1", "is for no input of the task"),
        ("work", f"{run}/start/1", "step 'work' is no join, and has one input: name its artifacts alone"),
    ):
        ran.write("given.py", f"ARTIFACTS = {{{key!r}: {{'seen': 'given'}}}}\n")
        done = ran.run("spin", step, "--artifacts-module", "given.py")
        assert done.returncode == 1
        assert re.search(rf"ARTIFACTS\['{key}'\] of .*given.py.*{said}", done.stderr), done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (["nostep"], 2, ["'nostep'", "start, work"]),
        (["12/work"], 1, ["there is no run Spun/12 in ", ": the latest are "]),
        (["12/work/3"], 1, ["there is no run Spun/12 in ", ": the latest are "]),
        (["a/b/c/d"], 2, ["STEP, RUN/STEP and RUN/STEP/TASK"]),
        (["work", "--artifacts-module", "nothere.py"], 2, ["nothere.py"]),
        (["work", "--artifacts-module", "flow.py"], 1, ["ARTIFACTS"]),
    ],
)
def test_what_cant_be_run_again_is_told(ran: Project, args: list[str], status: int, words: list[str]) -> None:
    done = ran.run("spin", *args)
    assert done.returncode == status, done.stderr
    for word in words:
        assert word in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
