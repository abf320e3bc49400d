"""``flowkit debug``: an attempt of an earlier run, at a prompt."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from support.project import Project
from support.terminal import Terminal

FLOW = """
    from flowkit import Config, FlowSpec, Parameter, catch, current, project, retry, step


    class Failing(FlowSpec):
        alpha = Parameter("alpha", default=3)
        config = Config("config", default_value={"unit": "m"})

        @step
        def start(self):
            self.items = [1, 0, 2]
            self.next(self.work, foreach="items")

        @catch(var="problem")
        @step
        def work(self):
            ratio = divided(10, self.input, {"deep": [1, (2, 3)]})
            self.next(self.join)

        @retry(times=1)
        @step
        def join(self, inputs):
            self.failed = [one.problem is not None for one in inputs]
            self.tries = current.retry_count
            count = len(inputs) + self.tries
            assert not any(self.failed), "some failed"
            self.next(self.end)

        @step
        def end(self):
            print()


    def divided(top, bottom, options):
        parts = options["deep"]
        return top / bottom


    if __name__ == "__main__":
        Failing()
"""


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A run that failed, made once."""
    made = Project.make(tmp_path_factory.mktemp("debug"))
    made.write("flow.py", FLOW)
    done = made.run("run", "--alpha", "5", "--run-id-file", "id", "--max-workers", "1")
    assert done.returncode == 1
    assert f"flowkit debug Failing/{run_id(made)}/join/5" in done.stderr
    return made


def run_id(project: Project) -> str:
    return (project.path / "id").read_text()


def opened(project: Project, path: str, code: str, *options: str) -> str:
    done = project.flowkit("debug", path, "-c", code, *options, check=True)
    return done.stdout


def test_the_inputs_of_the_attempt_are_there_and_what_it_stored(failed: Project) -> None:
    code = "print(self.alpha, self.config.unit, [one.input for one in inputs], artifacts.failed, sorted(artifacts))"
    shown = opened(failed, f"Failing/{run_id(failed)}/join/5", code)
    assert shown == "5 m [1, 0, 2] [False, True, False] ['alpha', 'config', 'failed', 'tries']\n"


def test_the_locals_of_the_failed_frames_are_there(failed: Project) -> None:
    code = "f = frames[-1]; print(f.function, f.source, f.locals['count'], f.locals['self'] is self, failure.message)"
    shown = opened(failed, run_id(failed), code)
    assert shown == 'join assert not any(self.failed), "some failed" 4 True some failed\n'
    assert opened(failed, run_id(failed), "where()").splitlines()[-1] == "AssertionError: some failed"


def test_each_attempt_can_be_opened(failed: Project) -> None:
    code = "print(frames[-1].locals['count'], current.retry_count)"
    assert opened(failed, run_id(failed), code, "--attempt", "0") == "3 0\n"
    assert opened(failed, run_id(failed), code, "--attempt", "1") == "4 1\n"
    refused = failed.flowkit("debug", run_id(failed), "--attempt", "2", "-c", "1")
    assert refused.returncode == 1
    assert "its last is 1" in refused.stderr


def test_a_failure_that_was_handled_has_its_frames_too(failed: Project) -> None:
    code = "print([(f.function, f.locals.get('bottom')) for f in frames], frames[-1].locals['options'], self.input)"
    shown = opened(failed, f"{run_id(failed)}/work/3", code)
    assert shown == "[('work', None), ('divided', 0)] {'deep': [1, (2, 3)]} 0\n"


def test_the_step_and_the_functions_of_the_file_can_be_run(failed: Project) -> None:
    shown = opened(failed, f"{run_id(failed)}/work/2", "self.work(); print(divided(9, 3, {'deep': 1}), __name__)")
    assert shown == "3.0 __main__\n"


def test_lines_from_stdin_are_run_one_by_one(failed: Project) -> None:
    program = str(Path(sysconfig.get_path("scripts")) / "flowkit")
    done = subprocess.run(
        [program, "debug", run_id(failed)],
        cwd=failed.path,
        env=failed.variables(),
        input="self.alpha + 1\nundefined\nself.failed[1]\nself.join(inputs)\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ">>> 6\n" in done.stdout
    assert "NameError" in done.stderr
    assert "frames[0]" in done.stderr
    assert "AssertionError: some failed" in done.stderr


def test_the_prompt_in_a_terminal(failed: Project) -> None:
    program = str(Path(sysconfig.get_path("scripts")) / "flowkit")
    # Without IPython, wherever the tests run.
    failed.write("blocked/IPython.py", "raise ImportError\n")
    env = failed.variables({"PYTHONPATH": str(failed.path / "blocked")})
    with Terminal([sys.executable, program, "debug", run_id(failed)], cwd=failed.path, env=env) as terminal:
        terminal.read_until(">>> ")
        assert "self.join(inputs) runs the step here" in terminal.output
        terminal.type("frames[-1].locals['count'] * 10\n")
        terminal.read_until("40")
        terminal.type("import pdb; pdb.run('self.join(inputs)', globals())\n")
        terminal.read_until("(Pdb) ")
        terminal.type("q\n")
        # Between two prompts the terminal takes lines, and an end of input would be one that nobody reads.
        terminal.read_until(lambda output: ">>> " in output.rpartition("(Pdb) ")[2])
        terminal.type("\x04")
        assert terminal.wait() == 0


def test_a_file_that_moved_is_named(failed: Project) -> None:
    moved = failed.write("elsewhere/moved.py", FLOW.replace("top / bottom", "42"))
    shown = opened(failed, run_id(failed), "print(divided(1, 0, {'deep': 1}))", "--file", str(moved))
    assert shown == "42\n"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("Nothing/1/start/1", "there is no run 'Nothing/1/start/1' in"),
        ("99", "name one as [FLOW/]RUN[/STEP[/TASK]]; the latest are Failing/{id}"),
        ("Failing/99", "there is no run Failing/99 in"),
        ("Failing/99/start", "the latest are {id}"),
        ("a//b", "not of the form"),
        ("RUN/nostep", "has no task of a step 'nostep'"),
        ("RUN/start/99", "has no task start/99"),
    ],
)
def test_what_cant_be_opened_is_told(failed: Project, path: str, words: str) -> None:
    done = failed.flowkit("debug", path.replace("RUN", run_id(failed)), "-c", "1")
    assert done.returncode == (2 if path == "a//b" else 1)
    assert words.replace("{id}", run_id(failed)) in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_file_that_is_gone_or_broken_is_told(failed: Project) -> None:
    broken = failed.write("elsewhere/broken.py", "1 / 0\n")
    done = failed.flowkit("debug", run_id(failed), "--file", str(broken), "-c", "1")
    assert (done.returncode, "ZeroDivisionError" in done.stderr) == (2, True)
    gone = failed.flowkit("debug", run_id(failed), "--file", "nothere.py", "-c", "1")
    assert gone.returncode == 2
    assert "--file" in gone.stderr


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", ['  File "<command>", line 1, in <module>', "ZeroDivisionError: division by zero"]),
        ("self.nothere", ['  File "<command>", line 1, in <module>', "AttributeError: "]),
        ("divided(1, 0, {'deep': 1})", ['  File "<command>", line 1, in <module>', "flow.py", "in divided"]),
        ("x = (1,", ['  File "<command>", line 1', "SyntaxError: '(' was never closed"]),
        ("x = 1\ny =", ['  File "<command>", line 2', "SyntaxError: invalid syntax"]),
    ],
)
def test_code_that_raises_shows_the_users_frames_alone(failed: Project, code: str, said: list[str]) -> None:
    done = failed.flowkit("debug", run_id(failed), "-c", code)
    assert done.returncode == 1
    for words in said:
        assert words in done.stderr
    assert done.stderr.count("Error") == 1
    assert "prompt.py" not in done.stderr


DAMAGED = """
    from flowkit import FlowSpec, step


    class Damaged(FlowSpec):
        @step
        def start(self):
            self.text = "".join(map(str, range(50_000)))
            self.next(self.end)

        @step
        def end(self):
            self.used()

        def used(self):
            return len(self.text)


    if __name__ == "__main__":
        Damaged()
"""


def test_an_error_of_flowkits_is_one_line(project: Project) -> None:
    project.write("flow.py", DAMAGED)
    project.run("run", "--run-id-file", "id", check=True)
    blob = max((path for path in (project.store / "Damaged" / "blobs").rglob("*") if path.is_file()), key=size)
    blob.chmod(0o644)
    blob.write_bytes(b"damaged")
    for code, frames in (("print(self.text)", 0), ("artifacts.text", 0), ("self.used()", 1)):
        done = project.flowkit("debug", f"{run_id(project)}/end", "-c", code)
        assert (done.returncode, done.stdout) == (1, "")
        last = done.stderr.splitlines()[-1]
        assert last.startswith(("Corrupted object: ", "Not found: "))
        assert (done.stderr == f"{last}\n") is (not frames)
        assert "prompt.py" not in done.stderr
        blob.write_bytes(b"damaged")
    program = str(Path(sysconfig.get_path("scripts")) / "flowkit")
    typed = subprocess.run(
        [program, "debug", f"{run_id(project)}/end"],
        cwd=project.path,
        env=project.variables(),
        input="self.text\n1 / 0\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert re.search(r"^Corrupted object: .*\nTraceback .*\n.*<console>.*\nZeroDiv", typed.stderr, re.MULTILINE)


def size(path: Path) -> int:
    return path.stat().st_size


SECRET = """
    from flowkit import FlowSpec, secrets, step


    class Secretive(FlowSpec):
        @secrets(sources=[{"type": "inline", "id": "s", "options": {"env_vars": {"KEY": "hunter2-value"}}}])
        @step
        def start(self):
            import os
            copied = os.environ["KEY"]
            inside = {"a": [os.environ["KEY"]]}
            number = 5
            raise ValueError("no")
            self.next(self.end)

        @step
        def end(self):
            print()


    if __name__ == "__main__":
        Secretive()
"""


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_no_secret_is_kept(project: Project, start: str) -> None:
    project.write("flow.py", SECRET)
    project.run("run", "--task-start", start)
    kept = list(project.store.rglob("*.frames"))
    assert len(kept) == 1
    assert b"hunter2-value" not in kept[0].read_bytes()
    run = kept[0].parts[-4]
    assert opened(project, run, "print(frames[0].locals['number'], frames[0].locals['inside'])") == "5 {'a': ['***']}\n"


def test_nothing_is_kept_where_the_setting_says_so(project: Project) -> None:
    project.write("flow.py", SECRET)
    project.run("run", env={"FLOWKIT_KEEP_LOCALS": "false"})
    assert not list(project.store.rglob("*.frames"))
