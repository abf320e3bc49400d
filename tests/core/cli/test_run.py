"""``run``: streams, exit status, options, parameters."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.project import Project
from support.talker import TALKER

STAMP = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"


@pytest.fixture
def talker(project: Project) -> Project:
    project.write("flow.py", TALKER)
    return project


def run_id(project: Project) -> str:
    return (project.path / "id").read_text()


def artifact(project: Project, name: str, step: str = "start") -> str:
    """An artifact as ``dump`` shows it."""
    shown = project.run("dump", f"{run_id(project)}/{step}", "--include", name, check=True).stdout
    return shown.partition(f"{name}: ")[2].strip()


def test_messages_go_to_stderr_and_the_tasks_output_to_stdout(talker: Project) -> None:
    done = talker.run("run", "--run-id-file", "id", check=True)
    run = run_id(talker)
    lines = done.stdout.splitlines()
    assert re.fullmatch(rf"{STAMP} \[{run}/start/\w+ \(pid \d+\)\] (hello|warned)", lines[0])
    assert all(re.match(rf"{STAMP} \[{run}/\w+/\w+ \(pid \d+\)\] ", line) for line in lines)
    said = {line.partition("] ")[2] for line in lines}
    assert said == {"hello", "no end", "warned", "item 0", "item 1", "tags []"}
    assert "\x1b" not in done.stdout + done.stderr
    messages = done.stderr.splitlines()
    assert messages[0] == "FlowKit 2.0.0: Talker for user:tester"
    assert re.fullmatch(rf"{STAMP} Run Talker/{run} started", messages[1])
    assert re.fullmatch(rf"{STAMP} \[{run}/start/\w+ \(pid \d+\)\] started", messages[2])
    assert re.fullmatch(rf"{STAMP} \[{run}/start/\w+ \(pid \d+\)\] finished in \d\.\d s", messages[3])
    assert re.fullmatch(rf"Run Talker/{run} succeeded in \d\.\d s", messages[-2])
    assert f"Run('Talker/{run}').data" in messages[-1]


def test_a_failure_names_the_task_and_what_to_do_next(talker: Project) -> None:
    done = talker.run("run", "--fail", "each", "--run-id-file", "id")
    run = run_id(talker)
    assert done.returncode == 1
    failed = re.search(
        rf"Run Talker/{run} failed after \d\.\d s: step each, task (\w+): ValueError: bad item", done.stderr
    )
    assert failed is not None
    assert f"python flow.py logs {run}/each/{failed[1]}\n" in done.stderr
    assert "python flow.py resume\n" in done.stderr
    assert "succeeded" not in done.stderr
    traceback = [line.partition("] ")[2] for line in done.stdout.splitlines() if f"/each/{failed[1]} " in line]
    # The task's two streams may arrive in either order.
    assert "item 1" in traceback
    traceback.remove("item 1")
    assert traceback[0] == "Traceback (most recent call last):"
    assert traceback[-1] == "ValueError: bad item"
    assert not any("/flowkit/" in line for line in traceback)
    # The commands that it names do what it says.
    logs = talker.run("logs", f"{run}/each/{failed[1]}", check=True)
    assert "item 1\n" in logs.stdout
    assert "ValueError: bad item\n" in logs.stdout
    (talker.path / "mended").touch()
    assert talker.run("resume").returncode == 0


def test_quiet_shows_the_tasks_output_and_errors_only(talker: Project) -> None:
    done = talker.run("--quiet", "run", check=True)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 6
    failed = talker.run("--quiet", "run", "--fail", "each")
    assert failed.returncode == 1
    assert failed.stderr.startswith("Run Talker/")
    assert "step each" in failed.stderr
    assert talker.run("run", env={"FLOWKIT_QUIET": "true"}, check=True).stderr == ""


def test_verbose_says_how_tasks_start(talker: Project) -> None:
    plain = talker.run("run", "--n", "1", check=True).stderr
    forked = talker.run("-v", "run", "--n", "1", check=True).stderr
    spawned = talker.run("-v", "run", "--n", "1", "--task-start", "spawn", check=True).stderr
    assert "fork" not in plain
    assert "fork" in forked
    assert "fresh interpreter" in spawned


def test_parameters_have_their_types_and_the_names_of_their_attributes(talker: Project) -> None:
    talker.run(
        *("run", "--run-id-file", "id", "--n", "1", "--the-word", "hi", "--strict", "False", "--ratio", "2"),
        *("--options", '{"b": [1, null]}', "--names", "x,y,z"),
        check=True,
    )
    assert artifact(talker, "n") == "int = 1"
    assert artifact(talker, "word") == "str = 'hi'"
    assert artifact(talker, "strict") == "bool = False"
    assert artifact(talker, "ratio") == "float = 2.0"
    assert artifact(talker, "options") == "dict = {'b': [1, None]}"
    assert artifact(talker, "names") == "list = ['x', 'y', 'z']"


def test_parameters_that_arent_given_have_their_defaults(talker: Project) -> None:
    talker.run("run", "--run-id-file", "id", check=True)
    assert artifact(talker, "strict") == "bool = True"
    assert artifact(talker, "names") == "list = ['a', 'b']"


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--n", "many"], ["--n", "'many'"]),
        (["--strict", "perhaps"], ["--strict", "'perhaps'"]),
        (["--ratio", "x"], ["--ratio", "'x'"]),
        (["--options", "{"], ["--options", "JSON"]),
    ],
)
def test_a_wrong_value_is_refused_by_the_parameters_name(talker: Project, args: list[str], words: list[str]) -> None:
    done = talker.run("run", *args)
    assert done.returncode == 2
    for word in words:
        assert word in done.stderr
    assert not talker.store.exists()


def test_a_parameter_comes_from_the_environment_too(talker: Project) -> None:
    env = {"FLOWKIT_RUN_N": "1", "FLOWKIT_RUN_THE_WORD": "from env"}
    talker.run("run", "--run-id-file", "id", env=env, check=True)
    assert artifact(talker, "word") == "str = 'from env'"
    talker.run("run", "--run-id-file", "id", "--the-word", "given", env=env, check=True)
    assert artifact(talker, "word") == "str = 'given'"


def test_options_of_run_come_from_the_environment_that_the_flow_sets(talker: Project) -> None:
    own = "import os\nos.environ['FLOWKIT_RUN_TAG'] = 'one two'\nos.environ['FLOWKIT_RUN_RUN_ID_FILE'] = 'id'\n"
    talker.write("flow.py", own + TALKER)
    assert "tags ['one', 'two']" in talker.run("run", check=True).stdout
    assert run_id(talker)
    both = talker.run("run", env={"FLOWKIT_RUN_TAGS": "other"}, check=True).stdout
    assert "tags ['one', 'two']" in both


def test_tags_are_the_runs(talker: Project) -> None:
    assert "tags ['a', 'b c']" in talker.run("run", "--tag", "b c", "--tag", "a", check=True).stdout
    assert "tags ['x']" in talker.run("run", check=True, env={"FLOWKIT_RUN_TAGS": "x"}).stdout


def test_max_workers_bounds_what_runs_at_once(project: Project) -> None:
    project.write(
        "flow.py",
        """
        import os, time
        from flowkit import FlowSpec, step

        class Wide(FlowSpec):
            @step
            def start(self):
                self.items = range(4)
                self.next(self.each, foreach="items")

            @step
            def each(self):
                os.mkdir(f"running-{self.input}")
                time.sleep(0.2)
                self.seen = len([name for name in os.listdir() if name.startswith("running-")])
                os.rmdir(f"running-{self.input}")
                self.next(self.join)

            @step
            def join(self, inputs):
                print("most", max(i.seen for i in inputs))
                self.next(self.end)

            @step
            def end(self):
                pass

        if __name__ == "__main__":
            Wide()
        """,
    )
    assert "most 1\n" in project.run("run", "--max-workers", "1", check=True).stdout
    assert "most 1\n" in project.run("run", env={"FLOWKIT_RUN_MAX_WORKERS": "1"}, check=True).stdout
    assert "most 1\n" in project.run("run", env={"FLOWKIT_MAX_WORKERS": "1"}, check=True).stdout
    assert "most 1\n" not in project.run("run", check=True).stdout
    assert "default: 3;" in project.run("run", "--help", env={"FLOWKIT_MAX_WORKERS": "3"}, check=True).stdout


def test_max_num_splits_bounds_a_foreach(talker: Project) -> None:
    assert talker.run("run", "--n", "3", "--max-num-splits", "3").returncode == 0
    done = talker.run("run", "--n", "4", "--max-num-splits", "3")
    assert done.returncode == 1
    assert "--max-num-splits" in done.stderr


@pytest.mark.parametrize("before", [True, False])
def test_with_adds_a_decorator(project: Project, before: bool) -> None:
    project.write(
        "flow.py",
        """
        from flowkit import FlowSpec, current, step

        class Twice(FlowSpec):
            @step
            def start(self):
                if current.retry_count == 0:
                    raise ValueError
                self.next(self.end)

            @step
            def end(self):
                if current.retry_count == 0:
                    raise ValueError

        if __name__ == "__main__":
            Twice()
        """,
    )
    given = ["--with", "retry:times=1"]
    assert project.run("run").returncode == 1
    assert project.run(*(given if before else []), "run", *([] if before else given)).returncode == 0


def test_the_datastore_root_and_the_metadata_can_be_elsewhere(talker: Project, tmp_path: Path) -> None:
    root, records = tmp_path / "artifacts", tmp_path / "records"
    where = ["--datastore-root", str(root), "--metadata", f"local@{records}"]
    talker.run(*where, "run", "--run-id-file", "id", check=True)
    assert (root / "Talker").is_dir()
    assert records.exists()
    assert not talker.store.exists()
    # The run's own record says where its artifacts are.
    assert "total: int = 2" in talker.run(*where[2:], "dump", f"{run_id(talker)}/join", check=True).stdout


@pytest.mark.parametrize("option", ["--datastore", "--metadata"])
def test_an_unknown_store_names_those_that_there_are(talker: Project, option: str) -> None:
    done = talker.run(option, "s4", "run")
    assert done.returncode == 2
    assert "'s4'" in done.stderr
    assert "local" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_decorator_is_refused_before_anything_runs(talker: Project) -> None:
    done = talker.run("run", "--with", "retyr")
    assert done.returncode != 0
    assert "'retyr'" in done.stderr
    assert "retry" in done.stderr
    assert "started" not in done.stderr


def test_an_invalid_flow_doesnt_run(project: Project) -> None:
    project.write("flow.py", TALKER.replace("self.next(self.join)", "self.next(self.nowhere)"))
    done = project.run("run")
    assert done.returncode == 1
    assert "nowhere" in done.stderr
    assert "started" not in done.stderr


def test_the_namespace_is_what_the_client_sees_in_tasks(project: Project) -> None:
    project.write(
        "flow.py",
        """
        from flowkit import FlowSpec, get_namespace, step

        class Where(FlowSpec):
            @step
            def start(self):
                print("sees", get_namespace())
                self.next(self.end)

            @step
            def end(self):
                pass

        if __name__ == "__main__":
            Where()
        """,
    )
    assert "sees user:tester" in project.run("run", check=True).stdout
    assert "sees user:other" in project.run("run", "--namespace", "user:other", check=True).stdout
    assert "sees None" in project.run("run", "--namespace=", check=True).stdout
    assert "sees team" in project.run("run", env={"FLOWKIT_NAMESPACE": "team"}, check=True).stdout


def test_a_run_goes_on_when_nobody_reads_its_output(talker: Project) -> None:
    with subprocess.Popen(
        [sys.executable, "flow.py", "run", "--pause", "0.3", "--run-id-file", "id"],
        cwd=talker.path,
        env=talker.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().endswith(b"hello\n")
        process.stdout.close()
        stderr = process.stderr.read()
    assert process.returncode == 0
    assert b"succeeded" in stderr


def test_an_interrupt_ends_the_run_with_one_line_and_status_1(talker: Project) -> None:
    with talker.popen("run", "--pause", "30") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "/each/" in line and line.endswith("started\n"):
                break
        os.kill(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "interrupted" in stderr
    assert "python flow.py resume" in stderr
    assert "Traceback" not in stderr
