"""One attempt: how it ends, what decorators see of it, and what is told of a failure."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest

from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.model.graph import DecoratorSpec

Make = Callable[[str], Any]

FLOW = """
import sys

class OneFlow(FlowSpec):
    @step
    def start(self):
        {body}

    @step
    def end(self):
        {end}
"""
NEXT = "self.next(self.end)"


@pytest.fixture
def run(tasks: Make) -> Callable[..., Any]:
    def run(body: str, **fields: Any) -> Any:
        flow = tasks(FLOW.format(body=body.replace("\n", "\n        "), end="pass"))
        return flow, flow.run("start", **fields)

    return run


# --- how it ends -----------------------------------------------------------------------------------------------------


def test_an_attempt_that_succeeds(run: Any) -> None:
    flow, outcome = run(f"self.x = 1\n{NEXT}")
    assert outcome.status == "succeeded"
    assert outcome.transition.steps == ("end",)
    assert outcome.failure is None
    assert not outcome.caught
    assert outcome.started_at <= outcome.finished_at
    assert outcome.peak_memory > 1_000_000
    manifest = flow.manifest(outcome)
    assert (manifest.flow, manifest.run_id, manifest.step, manifest.attempt) == ("OneFlow", "7", "start", 0)
    assert manifest.ok
    assert manifest.transition == outcome.transition
    assert manifest.main_file == str(flow.compiled.file)


def test_the_end_needs_no_self_next(tasks: Make) -> None:
    outcome = tasks(FLOW.format(body=NEXT, end="self.x = 1")).run("end")
    assert outcome.status == "succeeded"
    assert outcome.transition is None


@pytest.mark.parametrize("body", ["pass", "if self.index: self.next(self.end)", "return"])
def test_without_self_next_it_is_a_failure_that_another_attempt_would_repeat(run: Any, body: str) -> None:
    _, outcome = run(f"{body}\n{NEXT}" if body == "return" else body)
    assert outcome.status == "failed"
    assert "self.next" in outcome.failure.message
    assert "'start'" in outcome.failure.message
    assert not outcome.retryable


@pytest.mark.parametrize("code", ["", "0", "3", "'a text'"])
def test_leaving_before_self_next_is_a_failure(run: Any, code: str) -> None:
    _, outcome = run(f"sys.exit({code})\n{NEXT}")
    assert outcome.status == "failed"
    assert "sys.exit" in outcome.failure.message


@pytest.mark.parametrize(("code", "status"), [("", "succeeded"), ("0", "succeeded"), ("3", "failed")])
def test_leaving_the_end_is_no_failure_unless_it_says_so(tasks: Make, code: str, status: str) -> None:
    assert tasks(FLOW.format(body=NEXT, end=f"sys.exit({code})")).run("end").status == status


@pytest.mark.parametrize("error", ["ValueError('x')", "KeyboardInterrupt", "GeneratorExit", "MemoryError"])
def test_whatever_is_raised_is_a_failure(run: Any, error: str) -> None:
    _, outcome = run(f"raise {error}\n{NEXT}")
    assert outcome.status == "failed"
    assert outcome.retryable
    assert outcome.failure.type == error.split("(")[0]


def test_a_step_whose_time_is_up(run: Any) -> None:
    _, outcome = run(f"from flowkit.errors import StepTimeout\nraise StepTimeout('late')\n{NEXT}")
    assert outcome.status == "timed_out"


def test_what_can_not_be_stored_is_named(run: Any) -> None:
    flow, outcome = run(f"self.fine = 1\nself.bad = (i for i in 'abc')\n{NEXT}")
    assert outcome.status == "failed"
    assert "bad" in outcome.failure.message
    assert "generator" in outcome.failure.message
    assert not outcome.retryable
    assert flow.names(outcome) == {"fine"}


def test_a_failed_attempt_keeps_what_it_had_set(run: Any) -> None:
    flow, outcome = run(f"self.x = 1\nself.bad = (i for i in 'abc')\n1 / 0\n{NEXT}")
    manifest = flow.manifest(outcome)
    assert not manifest.ok
    assert manifest.transition is None
    assert manifest.failure == outcome.failure
    assert flow.names(outcome) == {"x"}


def test_a_store_that_can_not_be_written_is_a_failure(tasks: Make) -> None:
    flow = tasks(FLOW.format(body=f"self.x = 1\n        {NEXT}", end="pass"))
    flow.folder.write_text("a file in the folder's place")
    outcome = flow.run("start")
    assert outcome.status == "failed"
    assert outcome.manifest is None


def test_an_input_that_is_not_there_is_a_failure(tasks: Make) -> None:
    flow = tasks(FLOW.format(body=NEXT, end="self.x"))
    start = flow.done("start")
    spec = flow.spec("end", start)
    flow.datastore.delete([start.manifest])
    outcome = flow.attempt(spec)
    assert outcome.status == "failed"
    assert start.manifest in outcome.failure.message


# --- what is told ----------------------------------------------------------------------------------------------------


def test_the_traceback_has_the_users_frames_only(run: Any, capfd: pytest.CaptureFixture[str]) -> None:
    body = f"import json\njson.loads('{{')\n{NEXT}"
    _, outcome = run(body)
    printed = capfd.readouterr().err
    assert printed == outcome.failure.traceback
    assert printed.startswith("Traceback (most recent call last):\n")
    assert "in start" in printed
    assert "json.loads" in printed
    assert "attempt.py" not in printed
    assert outcome.failure.type == "json.decoder.JSONDecodeError"


def test_causes_are_cut_too(run: Any, capfd: pytest.CaptureFixture[str]) -> None:
    body = f"try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise RuntimeError('second') from e\n{NEXT}"
    run(body)
    printed = capfd.readouterr().err
    assert "ZeroDivisionError" in printed
    assert "direct cause" in printed
    assert os.path.join("flowkit", "task") not in printed


def test_an_error_with_no_frame_of_the_user_is_one_line(run: Any, capfd: pytest.CaptureFixture[str]) -> None:
    run("pass")
    assert capfd.readouterr().err == "Invalid self.next: step 'start' ended without a call of self.next\n"


def test_an_exception_that_can_not_be_shown_is_told_all_the_same(run: Any) -> None:
    body = f"class Odd(Exception):\n    def __str__(self): raise RuntimeError\nraise Odd\n{NEXT}"
    _, outcome = run(body)
    assert outcome.status == "failed"
    assert outcome.failure.type.endswith("Odd")


# --- decorators ------------------------------------------------------------------------------------------------------


class Recorder(StepDecorator):
    name = "recorder"
    seen: ClassVar[list[Any]] = []

    def __init__(self, label: str, order: int = 100, fails: type[BaseException] | None = None) -> None:
        super().__init__(DecoratorSpec("recorder"))
        self.label = label
        self.order = order  # type: ignore[misc]
        self.fails = fails

    def around(self, run: Callable[[], None], context: Any) -> None:
        self.seen.append(f"before {self.label}")
        context.add_metadata(self.label, "noted")
        context.add_secrets(["secret", ""])
        context.current._update({self.label: 1})
        run()
        self.seen.append(f"after {self.label}")

    def stored(self, context: Any, manifest: Any) -> None:
        self.seen.append((self.label, sorted(manifest.artifacts)))
        if self.fails is not None:
            raise self.fails("no card today")


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    Recorder.seen.clear()


def test_decorators_nest_by_order_and_then_as_written(tasks: Make) -> None:
    flow = tasks(FLOW.format(body=f"self.x = current.inner\n        {NEXT}", end="pass"))
    flow.decorate("start", Recorder("first"), Recorder("inner"), Recorder("outer", order=1))
    outcome = flow.done("start")
    before = ["before outer", "before first", "before inner"]
    assert Recorder.seen[:6] == [*before, "after inner", "after first", "after outer"]
    assert Recorder.seen[6:] == [("first", ["x"]), ("inner", ["x"]), ("outer", ["x"])]
    assert outcome.metadata == {"outer": "noted", "first": "noted", "inner": "noted"}
    assert flow.secrets == ["secret"] * 3


@pytest.mark.parametrize("fails", [RuntimeError, SystemExit])
def test_what_is_raised_after_artifacts_are_stored_fails_nothing(
    tasks: Make, capfd: pytest.CaptureFixture[str], fails: type[BaseException]
) -> None:
    flow = tasks(FLOW.format(body=NEXT, end="pass"))
    flow.decorate("start", Recorder("card", fails=fails), Recorder("other"))
    assert flow.run("start").status == "succeeded"
    assert Recorder.seen[-1] == ("other", [])
    assert "no card today" in capfd.readouterr().err


CATCH = """
from flowkit import catch

class CatchFlow(FlowSpec):
    @catch(var="error")
    @step
    def start(self):
        {body}
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def test_a_caught_exception_is_a_success_that_says_so(tasks: Make) -> None:
    flow = tasks(CATCH.format(body="self.x = 1; raise ValueError('oh')"))
    outcome = flow.run("start")
    assert outcome.status == "succeeded"
    assert outcome.caught
    assert outcome.failure is None
    assert outcome.transition.steps == ("end",)
    assert flow.value(outcome, "x") == 1
    assert "oh" in flow.value(outcome, "error").exception


def test_a_caught_exit_is_a_success_too(tasks: Make) -> None:
    flow = tasks(CATCH.format(body="import sys; sys.exit(0)"))
    outcome = flow.run("start")
    assert outcome.status == "succeeded"
    assert "sys.exit(0)" in flow.value(outcome, "error").exception


def test_only_the_last_attempt_is_caught(tasks: Make) -> None:
    flow = tasks(CATCH.format(body="raise ValueError('oh')"))
    assert flow.run("start", user_attempts=2).status == "failed"
    assert flow.run("start", user_attempts=2, attempt=1).status == "succeeded"


def test_a_fallback_does_not_run_the_step(tasks: Make) -> None:
    flow = tasks(CATCH.format(body="raise ValueError('the body ran')"))
    outcome = flow.run("start", attempt=1, user_attempts=1, fallback_attempts=1)
    assert outcome.status == "succeeded"
    assert outcome.caught
    assert "the body ran" not in flow.value(outcome, "error").exception


def test_a_fallback_that_nobody_handles_is_a_failure(run: Any) -> None:
    _, outcome = run(f"raise ValueError('the body ran')\n{NEXT}", attempt=1, fallback_attempts=1)
    assert outcome.status == "failed"
    assert "ended without an exception" in outcome.failure.message


# --- surroundings ----------------------------------------------------------------------------------------------------


def test_current_in_a_task(tasks: Make) -> None:
    names = [
        "flow_name",
        "run_id",
        "step_name",
        "task_id",
        "retry_count",
        "pathspec",
        "namespace",
        "username",
        "tags",
        "origin_run_id",
    ]
    body = (
        f"self.got = [getattr(current, n) for n in {names}]; self.more = current.lazy, current.plain, 'run' in current"
    )
    flow = tasks(FLOW.format(body=f"{body}\n        {NEXT}", end="pass"))
    calls: list[int] = []

    def lazy() -> str:
        calls.append(1)
        return "made"

    outcome = flow.done("start", task_id="5", attempt=1, user_attempts=2, extras={"lazy": lazy, "plain": 2})
    expected = ["OneFlow", "7", "start", "5", 1, "OneFlow/7/start/5", "user:ann", "ann", ("t",), None]
    assert [tuple(v) if isinstance(v, list | frozenset | set) else v for v in flow.value(outcome, "got")] == expected
    assert flow.value(outcome, "more") == ("made", 2, False)
    assert calls == [1]


def test_a_folder_of_the_task_s_own_is_made_when_asked_for(tasks: Make) -> None:
    flow = tasks(FLOW.format(body=f"self.same = current.tempdir == current.tempdir\n        {NEXT}", end="pass"))
    assert flow.value(flow.done("start"), "same")


@pytest.mark.parametrize("fails", ["", "enter", "exit"])
@pytest.mark.parametrize("raised", [RuntimeError, SystemExit])
def test_a_plugin_may_watch_an_attempt_and_its_own_errors_change_nothing(
    tasks: Make, fails: str, raised: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    @contextmanager
    def scope() -> Any:
        if fails == "enter":
            raise raised("tracer")
        try:
            yield
        except BaseException as error:
            seen.append(type(error))
            raise
        finally:
            seen.append("left")
            if fails == "exit":
                raise raised("tracer")

    class Hook:
        def flowkit_task_scope(self, task: Any) -> list[Any]:
            seen.append(task.step)
            return [scope(), None]

    flow = tasks(FLOW.format(body=f"self.x = 1\n        {NEXT}", end="1 / 0"))
    monkeypatch.setattr(flow.registry, "hook", Hook())
    start = flow.done("start")
    assert flow.run("end", start).status == "failed"
    one = [] if fails == "enter" else ["left"]
    other = [] if fails == "enter" else [ZeroDivisionError, "left"]
    assert seen == ["start", *one, "end", *other]
