"""``run``: streams, exit status, options, parameters."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

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


def test_a_run_says_where_its_page_is(talker: Project) -> None:
    done = talker.run("run", "--run-id-file", "id", check=True, env={"FLOWKIT_UI_URL": "https://runs.example.com/"})
    assert f" Run Talker/{run_id(talker)} started: https://runs.example.com/Talker/{run_id(talker)}\n" in done.stderr


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
