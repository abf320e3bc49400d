"""The contract of compute backends, as a class of tests that a backend's own tests inherit."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from flowkit.testing.compute_launcher import Launcher

__all__ = ["CONTRACT_FLOW", "ComputeBackendContract"]

CONTRACT_FLOW = """
import os, signal, subprocess, sys, time
from flowkit import FlowSpec, secrets, step

class ContractFlow(FlowSpec):
    @step
    def start(self):
        print("hello")
        print("trouble", file=sys.stderr)
        self.x = 1
        self.next(self.fails)

    @step
    def fails(self):
        self.seen = "before"
        raise ValueError("it went wrong")
        self.next(self.unfinished_line)

    @step
    def unfinished_line(self):
        sys.stdout.write("no line end")
        self.next(self.much_output)

    @step
    def much_output(self):
        for number in range(20):
            sys.stdout.buffer.write(bytes([number]) * 1_000_000)
        sys.stdout.flush()
        self.next(self.dies)

    @step
    def dies(self):
        print("about to die")
        os.kill(os.getpid(), signal.SIGSEGV)
        self.next(self.leaves)

    @step
    def leaves(self):
        os._exit(3)
        self.next(self.tells_secrets)

    @secrets(sources=[{"type": "inline", "options": {"env_vars": {"CONTRACT_TOKEN": "tiger-0451"}}}])
    @step
    def tells_secrets(self):
        token = os.environ["CONTRACT_TOKEN"]
        print("first", token)
        subprocess.run([sys.executable, "-c", "import os; print('second', os.environ['CONTRACT_TOKEN'])"], check=True)
        print(f"{token} is in stderr", file=sys.stderr)
        sys.stdout.write("last " + token)
        raise ValueError(f"{token} was refused")
        self.next(self.waits)

    @step
    def waits(self):
        print("waiting")
        time.sleep(600)
        self.next(self.stubborn)

    @step
    def stubborn(self):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("waiting")
        while True:
            time.sleep(600)
        self.next(self.end)

    @step
    def end(self):
        print(os.environ.get("FLOWKIT_CONTRACT"))
"""
#: A plugin whose part in a task can be seen.
_WATCH = """
from contextlib import contextmanager
from flowkit.plugin import hookimpl

@contextmanager
def scope():
    print("watched", flush=True)
    yield

@hookimpl
def flowkit_task_scope(task):
    return scope()
"""


class ComputeBackendContract:
    """Inherit, and set ``backend`` to ``module:Class``.

    ``arguments`` are for that class, ``options`` for its ``LaunchContext``.
    """

    backend: ClassVar[str]
    arguments: ClassVar[Mapping[str, Any]] = {}
    options: ClassVar[Mapping[str, Any]] = {}

    @pytest.fixture
    def launcher(self, tmp_path: Path) -> Iterator[Launcher]:
        """A launching process of the contract's flow."""
        with Launcher(tmp_path, CONTRACT_FLOW, self.backend, self.arguments, **self.options) as launcher:
            yield launcher

    def test_a_task_starts_writes_and_ends_once(self, launcher: Launcher) -> None:
        spec = launcher.submit("start")
        outcome = launcher.outcome(spec)
        launcher.close()
        assert outcome.status == "succeeded"
        assert outcome.transition is not None
        assert outcome.transition.steps == ("fails",)
        assert outcome.manifest is not None
        assert outcome.finished_at >= outcome.started_at > 0
        assert launcher.info(spec)
        assert launcher.output(spec) == b"hello\n"
        assert launcher.output(spec, "stderr") == b"trouble\n"
        kinds = [one["event"] for one in launcher.events if one.get("task") == spec.task_id]
        assert kinds[0] == "started"
        assert kinds.count("ended") == 1
        assert kinds[-1] == "ended"

    def test_several_tasks_run_at_once(self, launcher: Launcher) -> None:
        specs = [launcher.submit("waits", str(number)) for number in range(3)]
        for spec in specs:
            launcher.wait_for_output(spec, b"waiting\n")
        for spec in specs:
            launcher.cancel(spec, force=True)
        assert [launcher.outcome(spec).status for spec in specs] == ["cancelled"] * 3

    def test_an_exception_is_a_failure_with_a_summary(self, launcher: Launcher) -> None:
        spec = launcher.submit("fails")
        outcome = launcher.outcome(spec)
        assert outcome.status == "failed"
        assert outcome.failure is not None
        assert (outcome.failure.type, outcome.failure.message) == ("ValueError", "it went wrong")
        assert "ValueError: it went wrong" in launcher.output(spec, "stderr").decode()
        assert launcher.run("start", "2").status == "succeeded"

    def test_output_without_a_line_end_arrives(self, launcher: Launcher) -> None:
        spec = launcher.submit("unfinished_line")
        assert launcher.outcome(spec).status == "succeeded"
        assert launcher.output(spec) == b"no line end"

    def test_much_output_arrives_whole_before_the_end(self, launcher: Launcher) -> None:
        spec = launcher.submit("much_output")
        assert launcher.outcome(spec).status == "succeeded"
        assert launcher.output(spec) == b"".join(bytes([number]) * 1_000_000 for number in range(20))

    def test_a_crash_is_told_from_a_failure(self, launcher: Launcher) -> None:
        spec = launcher.submit("dies")
        outcome = launcher.outcome(spec)
        assert outcome.status == "crashed"
        assert outcome.exit_code == -signal.SIGSEGV
        assert outcome.manifest is None
        assert launcher.output(spec) == b"about to die\n"
        assert "segmentation fault" in launcher.output(spec, "stderr").decode()

    def test_leaving_without_a_word_is_a_crash(self, launcher: Launcher) -> None:
        outcome = launcher.run("leaves")
        assert outcome.status == "crashed"
        assert outcome.exit_code == 3

    def test_secrets_are_in_nothing_that_is_shown_or_stored(self, launcher: Launcher) -> None:
        spec = launcher.submit("tells_secrets")
        outcome = launcher.outcome(spec)
        assert outcome.status == "failed"
        assert outcome.failure is not None
        assert outcome.failure.message == "*** was refused"
        assert "tiger" not in outcome.failure.traceback
        assert launcher.redacted(spec) == b"first ***\nsecond ***\nlast ***"
        stderr = launcher.redacted(spec, "stderr").decode()
        assert stderr.startswith("*** is in stderr\n")
        assert "ValueError: *** was refused" in stderr
        assert "tiger" not in stderr

    def test_a_polite_cancel_ends_a_task(self, launcher: Launcher) -> None:
        spec = launcher.submit("waits")
        launcher.wait_for_output(spec, b"waiting\n")
        launcher.cancel(spec)
        assert launcher.outcome(spec).status == "cancelled"

    def test_force_ends_a_task_that_ignores_signals(self, launcher: Launcher) -> None:
        spec = launcher.submit("stubborn")
        launcher.wait_for_output(spec, b"waiting\n")
        launcher.cancel(spec)
        launcher.cancel(spec)
        launcher.cancel(spec, force=True)
        assert launcher.outcome(spec).status == "cancelled"

    def test_cancelling_at_once_ends_the_task_once(self, launcher: Launcher) -> None:
        spec = launcher.submit("waits")
        launcher.cancel(spec, force=True)
        assert launcher.outcome(spec).status == "cancelled"
        launcher.close()
        assert len(launcher.ended(spec)) == 1

    def test_cancelling_what_has_ended_changes_nothing(self, launcher: Launcher) -> None:
        spec = launcher.submit("start")
        launcher.outcome(spec)
        launcher.cancel(spec, force=True)
        launcher.close()
        assert [one.status for one in launcher.ended(spec)] == ["succeeded"]

    def test_close_ends_what_runs(self, launcher: Launcher) -> None:
        spec = launcher.submit("waits")
        launcher.wait_for_output(spec, b"waiting\n")
        launcher.close()
        assert [one.status for one in launcher.ended(spec)] == ["cancelled"]

    def test_a_time_limit_ends_a_task_from_outside(self, launcher: Launcher) -> None:
        spec = launcher.submit("stubborn", timeout_seconds=0.2)
        assert launcher.outcome(spec).status == "timed_out"

    def test_variables_of_the_task_are_set(self, launcher: Launcher) -> None:
        spec = launcher.submit("end", variables={"FLOWKIT_CONTRACT": "ä $HOME 'x'"})
        assert launcher.outcome(spec).status == "succeeded"
        assert launcher.output(spec).decode() == "ä $HOME 'x'\n"

    @pytest.mark.parametrize(("no_plugin", "output"), [((), b"watched\nhello\n"), (("flowkit_plugins",), b"hello\n")])
    def test_a_plugin_that_is_left_out_is_left_out_of_tasks(
        self, tmp_path: Path, no_plugin: tuple[str, ...], output: bytes
    ) -> None:
        (tmp_path / "flowkit_plugins.py").write_text(_WATCH)
        options = {**self.options, "no_plugin": no_plugin}
        with Launcher(tmp_path, CONTRACT_FLOW, self.backend, self.arguments, **options) as launcher:
            spec = launcher.submit("start")
            assert launcher.outcome(spec).status == "succeeded"
            assert launcher.output(spec) == output

    def test_attempts_of_one_task_are_apart(self, launcher: Launcher) -> None:
        first = launcher.submit("fails", user_attempts=2)
        assert launcher.outcome(first).status == "failed"
        second = launcher.submit("fails", user_attempts=2, attempt=1)
        assert launcher.outcome(second).status == "failed"
        assert len(launcher.ended(first)) == len(launcher.ended(second)) == 1
