"""``--inproc``: a step in the launching process, on the user's terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

from support.need import need_module
from support.project import Project
from support.records import latest_run, tasks_of
from support.sources import ROOT
from support.terminal import Terminal

FLOW = """
    import os
    import sys

    from flowkit import FlowSpec, catch, current, environment, retry, secrets, step, timeout


    class Stepwise(FlowSpec):
        @step
        def start(self):
            self.items = [1, 2, 3]
            self.pids = [os.getpid()]
            self.next(self.work, foreach="items")

        @timeout(seconds=1)
        @retry(times=1)
        @secrets(sources=[{"type": "inline", "id": "s", "options": {"env_vars": {"MY_PASS": "hunter2222"}}}])
        @environment(vars={"WHERE": "here"})
        @step
        def work(self):
            self.pid = os.getpid()
            self.where = os.environ["WHERE"]
            print("item", self.input, os.environ["MY_PASS"])
            sys.stderr.write("no end")
            if os.environ.get("STOP") and self.input == 2:
                breakpoint()
            self.next(self.join)

        @step
        def join(self, inputs):
            self.pids = [one.pid for one in inputs]
            assert "WHERE" not in os.environ
            self.next(self.tried)

        @retry(times=2)
        @step
        def tried(self):
            self.tries = current.retry_count
            if current.retry_count < 1:
                raise ValueError("once more")
            self.next(self.caught)

        @catch(var="problem")
        @step
        def caught(self):
            1 / 0
            self.next(self.end)

        @step
        def end(self):
            self.own = os.getpid()


    if __name__ == "__main__":
        print("launched by", os.getpid())
        Stepwise()
"""


@pytest.fixture
def stepwise(project: Project) -> Project:
    project.write("flow.py", FLOW)
    return project


def test_the_steps_named_run_in_the_launching_process_and_are_stored_as_always(stepwise: Project) -> None:
    named = [part for step in ("work", "tried", "caught") for part in ("--inproc", step)]
    done = stepwise.run("run", *named, "--run-id-file", "id", check=True)
    launcher = int(done.stdout.partition("launched by ")[2].split()[0])
    run = (stepwise.path / "id").read_text()
    shown = stepwise.run("dump", f"{run}/join", check=True).stdout
    assert f"pids: list = [{launcher}, {launcher}, {launcher}]" in shown
    assert f"own: int = {launcher}" not in stepwise.run("dump", f"{run}/end", check=True).stdout
    assert "tries: int = 1" in stepwise.run("dump", f"{run}/tried", check=True).stdout
    assert "ZeroDivisionError" in stepwise.run("dump", f"{run}/end", check=True).stdout
    record = latest_run(stepwise, "Stepwise")
    assert record is not None
    starts = {
        task.step: {one.value for one in task.metadata if one.field == "start"} for task in tasks_of(stepwise, record)
    }
    assert starts["work"] == starts["caught"] == {"inprocess"}
    assert "inprocess" not in starts["join"]


def test_a_run_is_resumed_in_this_process(stepwise: Project) -> None:
    stepwise.run("run", check=True)
    done = stepwise.run("resume", "join", "--inproc", "join", "--run-id-file", "id", check=True)
    assert "each" not in done.stdout
    run = (stepwise.path / "id").read_text()
    metadata = stepwise.python(
        "-c",
        "from flowkit import Step, namespace; namespace(None); "
        f"print(Step('Stepwise/{run}/join').task.metadata_dict['start'])",
        check=True,
    )
    assert metadata.stdout == "inprocess\n"


def test_output_is_shown_once_and_stored_and_secrets_in_neither(stepwise: Project) -> None:
    done = stepwise.run("run", "--inproc", "work", "--run-id-file", "id", check=True)
    assert done.stdout.count("item 2 ***") == 1
    assert "hunter2222" not in done.stdout + done.stderr
    run = (stepwise.path / "id").read_text()
    logs = stepwise.run("logs", f"{run}/work", check=True).stdout
    assert logs.count("item 2 ***") == 1
    assert logs.count("no end") == 3


@pytest.mark.parametrize(("step", "words"), [("nostep", "no step 'nostep'; its steps are start, work")])
def test_a_step_that_cant_be_named_is_told(stepwise: Project, step: str, words: str) -> None:
    done = stepwise.run("run", "--inproc", step)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def terminal(stepwise: Project) -> Iterator[Terminal]:
    command = [sys.executable, "flow.py", "run", "--inproc", "work"]
    with Terminal(command, cwd=stepwise.path, env=stepwise.variables({"STOP": "1"})) as opened:
        opened.read_until("(Pdb) ")
        yield opened


def test_a_breakpoint_stops_in_the_step_and_no_time_limit_counts(terminal: Terminal, stepwise: Project) -> None:
    terminal.type("p 'sum', self.input + 40\n")
    terminal.read_until("('sum', 42)")
    terminal.type("import time; time.sleep(1.2)\n")
    terminal.type("self.where = 'changed'\n")
    terminal.type("c\n")
    assert terminal.wait() == 0, terminal.output
    assert "(Pdb) (Pdb)" not in terminal.output
    record = latest_run(stepwise, "Stepwise")
    assert record is not None
    assert "'changed'" in stepwise.run("dump", f"{record.run_id}/work/3", check=True).stdout


def test_the_debugger_s_own_end_fails_the_step(terminal: Terminal) -> None:
    terminal.type("q\n")
    assert terminal.wait() == 1
    assert "BdbQuit" in terminal.output
    assert "tried again" not in terminal.output


def test_ctrl_c_at_the_prompt_is_the_debugger_s(terminal: Terminal) -> None:
    for _ in range(10):
        # Pressed again where it came between the prompt and the wait for a key, when readline doesn't see it.
        terminal.type("\x03")
        with suppress(AssertionError):
            terminal.read_until("--KeyboardInterrupt--", timeout=2)
            break
    assert "--KeyboardInterrupt--" in terminal.output
    terminal.type("import time\n")
    terminal.type("p 'still', 'here'\n")
    terminal.read_until("('still', 'here')")
    terminal.type("c\n")
    assert terminal.wait() == 0, terminal.output


def test_an_interrupt_of_a_step_ends_the_run_and_isnt_tried_again(project: Project) -> None:
    project.write(
        "flow.py",
        """
        import time
        from flowkit import FlowSpec, retry, step


        class Sleeper(FlowSpec):
            @retry(times=3)
            @step
            def start(self):
                print("sleeping now")
                time.sleep(600)
                self.next(self.end)

            @step
            def end(self):
                print()


        if __name__ == "__main__":
            Sleeper()
        """,
    )
    command = [sys.executable, "flow.py", "run", "--inproc", "start"]
    with Terminal(command, cwd=project.path, env=project.variables()) as terminal:
        terminal.read_until("sleeping now")
        terminal.type("\x03")
        assert terminal.wait() == 1
        assert "interrupted at" in terminal.output
        assert "Traceback" not in terminal.output
        assert terminal.output.count("sleeping now") == 1
    record = latest_run(project, "Sleeper")
    assert record is not None
    assert record.status == "failed"
    assert [task.status for task in tasks_of(project, record)] == ["cancelled"]


def test_a_step_of_the_demo_is_debugged(project: Project) -> None:
    need_module("sklearn")
    source = (ROOT / "examples" / "digits.py").read_text()
    line = "        model = make_model(self.kind, self.settings)\n"
    assert line in source
    stop = "        if self.kind == 'support vectors' and self.settings['C'] == 10.0:\n            breakpoint()\n"
    project.write("digits.py", source.replace(line, stop + line))
    command = [sys.executable, "digits.py", "run", "--folds", "2", "--inproc", "train"]
    with Terminal(command, cwd=project.path, env=project.variables()) as terminal:
        terminal.read_until("(Pdb) ")
        terminal.type("p self.kind, self.input[1], len(self.x_train)\n")
        terminal.read_until("('support vectors', {'C': 10.0}, 1347)")
        for _ in range(2 if sys.version_info >= (3, 13) else 1):  # there, breakpoint() stops at its own line
            terminal.type("n\n")
        terminal.read_until("scores = cross_val_score")
        terminal.type("p type(model).__name__\n")
        terminal.read_until("'SVC'")
        terminal.type("self.settings = {'C': 5.0, 'gamma': 0.001}\n")
        terminal.type("u\n")
        terminal.type("c\n")
        assert terminal.wait() == 0, terminal.output
        assert "support vectors {'C': 5.0, 'gamma': 0.001}" in terminal.output
    record = latest_run(project, "DigitsFlow")
    assert record is not None
    assert record.status == "succeeded"
    shown = project.run("logs", f"{record.run_id}/train", flow="digits.py", check=True).stdout
    assert "support vectors {'C': 5.0, 'gamma': 0.001}" in shown
    assert "logistic regression" in shown
