"""The decorators that come with FlowKit, each by itself in one process."""

from __future__ import annotations

import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from flowkit import FlowSpec, step
from flowkit.authoring.binding import TaskBinding
from flowkit.builtin.step_decorators.catch import CatchDecorator
from flowkit.builtin.step_decorators.environment import EnvironmentDecorator
from flowkit.builtin.step_decorators.resources import ResourcesDecorator
from flowkit.builtin.step_decorators.retry import RetryDecorator
from flowkit.builtin.step_decorators.timeout import TimeoutDecorator
from flowkit.compile.graph_builder import graph_of
from flowkit.errors import CaughtException, InvalidDecorator, StepTimeout
from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.model.graph import DecoratorSpec
from flowkit.model.task import RunSpec, StoreRef, TaskSpec
from support.bound_flow import in_step

STORE = StoreRef("local", "/nowhere")
SPEC = TaskSpec(RunSpec("Flow", "flow.py", "1", STORE, STORE, "ada"), "start", "1")


class Flow(FlowSpec):
    @step
    def start(self) -> None:
        self.next(self.a, self.b)

    @step
    def a(self) -> None:
        self.next(self.join)

    @step
    def b(self) -> None:
        self.next(self.join)

    @step
    def join(self, inputs: Any) -> None:
        self.next(self.each)

    @step
    def each(self) -> None:
        self.next(self.work, foreach="items")

    @step
    def work(self) -> None:
        self.next(self.join_each)

    @step
    def join_each(self, inputs: Any) -> None:
        self.next(self.choose)

    @step
    def choose(self) -> None:
        self.next({"again": self.choose, "done": self.end}, condition="answer")

    @step
    def end(self) -> None:
        print()


@attrs.define
class Context:
    """What a decorator sees of an attempt."""

    spec: TaskSpec
    flow: Any
    binding: TaskBinding

    @property
    def graph(self) -> Any:
        return self.binding.graph

    def is_last_attempt(self) -> bool:
        return self.spec.attempt >= self.spec.user_attempts - 1

    def redacted(self, text: str) -> str:
        return text.replace("sesame-open", "***")


def made(decorator: type[StepDecorator], **arguments: Any) -> Any:
    return decorator(DecoratorSpec(decorator.name, arguments, "flow.py:7"))


def context_of(name: str = "start", **changes: Any) -> Context:
    flow, binding, _ = in_step(Flow, name)
    return Context(attrs.evolve(SPEC, step=name, **changes), flow, binding)


def raises(error: BaseException) -> Callable[[], None]:
    def run() -> None:
        raise error

    return run


# --- @retry ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "retries", "delay"),
    [
        ({}, 3, 120),
        ({"times": 0}, 0, 120),
        ({"times": "4", "minutes_between_retries": "0.5"}, 4, 30),
        ({"times": 2.0, "minutes_between_retries": 0}, 2, 0),
    ],
)
def test_retry(arguments: dict[str, Any], retries: int, delay: float) -> None:
    attempts = made(RetryDecorator, **arguments).attempts()
    assert (attempts.retries, attempts.fallbacks, attempts.delay_seconds) == (retries, 0, delay)


@pytest.mark.parametrize(
    ("decorator", "arguments", "said"),
    [
        (RetryDecorator, {"times": -1}, "@retry(times=-1): times must be a whole number, 0 or more"),
        (RetryDecorator, {"times": 1.5}, "times must be a whole number"),
        (RetryDecorator, {"times": True}, "times must be a whole number"),
        (RetryDecorator, {"times": None}, "times must be a whole number"),
        (RetryDecorator, {"minutes_between_retries": "x"}, "minutes_between_retries must be a number, 0 or more"),
        (RetryDecorator, {"minutes_between_retries": float("nan")}, "must be a number"),
        (RetryDecorator, {"tries": 1}, "@retry has no argument 'tries'; it takes: times, minutes_between_retries"),
        (TimeoutDecorator, {}, "@timeout needs a time: seconds, minutes or hours"),
        (TimeoutDecorator, {"seconds": 0}, "@timeout needs a time"),
        (TimeoutDecorator, {"minutes": -1}, "@timeout(minutes=-1): minutes must be a number"),
        (CatchDecorator, {"var": "a b"}, "@catch(var='a b'): var must be the name of an artifact"),
        (CatchDecorator, {"var": 3}, "var must be the name of an artifact"),
        (CatchDecorator, {"var": "__x"}, "var must be the name of an artifact"),
        (EnvironmentDecorator, {"vars": ["A"]}, "vars must be a dict"),
        (
            EnvironmentDecorator,
            {"vars": {"A": None}},
            "@environment(vars['A']=None): vars['A'] must be a text or a number",
        ),
        (EnvironmentDecorator, {"vars": {"A=": "x"}}, "vars must be a dict of variables' names and values"),
        (EnvironmentDecorator, {"fork_safe": "yes"}, "fork_safe must be True or False"),
        (ResourcesDecorator, {"cpu": -1}, "@resources(cpu=-1): cpu must be a number"),
        (ResourcesDecorator, {"memory": "4 GB"}, "memory must be a whole number"),
        (ResourcesDecorator, {"gpu": 0.5}, "gpu must be a whole number"),
    ],
)
def test_wrong_arguments(decorator: type[StepDecorator], arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidDecorator, match=r"^flow\.py:7: @") as caught:
        made(decorator, **arguments)
    assert said in str(caught.value)


# --- @resources and @environment -------------------------------------------------------------------------------------


def test_resources_are_the_most_of_several() -> None:
    spec = made(ResourcesDecorator, cpu="2", memory=1000).plan(SPEC)
    assert spec.resources == {"cpu": 2, "memory": 1000}
    spec = made(ResourcesDecorator, cpu=0.5, memory="8000", gpu=1, disk=None).plan(spec)
    assert spec.resources == {"cpu": 2, "memory": 8000, "gpu": 1}
    assert made(ResourcesDecorator).plan(SPEC).resources == {"cpu": 1, "memory": 4096}


def test_environment() -> None:
    decorator = made(EnvironmentDecorator, vars={"A": "1", "B": 2})
    assert decorator.plan(attrs.evolve(SPEC, variables={"A": "0", "C": "3"})).variables == {
        "A": "1",
        "B": "2",
        "C": "3",
    }
    assert not decorator.fork_safe
    assert made(EnvironmentDecorator, fork_safe=True).fork_safe


# --- @timeout --------------------------------------------------------------------------------------------------------


def test_times_are_added_up_and_the_shortest_limit_holds() -> None:
    decorator = made(TimeoutDecorator, hours=1, minutes="2", seconds=3.5)
    assert decorator.seconds == 3723.5
    assert decorator.plan(SPEC).timeout_seconds == 3723.5
    assert decorator.plan(attrs.evolve(SPEC, timeout_seconds=10)).timeout_seconds == 10
    assert decorator.plan(attrs.evolve(SPEC, timeout_seconds=9999)).timeout_seconds == 3723.5
    assert decorator.plan(attrs.evolve(SPEC, attempt=1)).timeout_seconds == 0


def test_a_timeout_is_raised_in_the_step_and_not_swallowed() -> None:
    reached = []

    def run() -> None:
        try:
            time.sleep(30)
        except Exception:
            reached.append("swallowed")

    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(StepTimeout, match=r"step 'a' ran longer than its @timeout of 0\.05 s"):
        made(TimeoutDecorator, seconds=0.05).around(run, context_of("a"))
    assert reached == []
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_step_in_time_leaves_no_alarm() -> None:
    ran: list[tuple[float, float]] = []
    made(TimeoutDecorator, hours=1).around(lambda: ran.append(signal.getitimer(signal.ITIMER_REAL)), context_of())
    ((left, _),) = ran
    assert 3590 < left <= 3600
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_no_alarm_in_a_fallback_attempt_or_another_thread() -> None:
    timers: list[tuple[float, float]] = []

    def run() -> None:
        timers.append(signal.getitimer(signal.ITIMER_REAL))

    decorator = made(TimeoutDecorator, hours=1)
    decorator.around(run, context_of(attempt=1))
    thread = threading.Thread(target=lambda: decorator.around(run, context_of()))
    thread.start()
    thread.join()
    assert timers == [(0, 0), (0, 0)]


# --- @catch ----------------------------------------------------------------------------------------------------------


def test_catch_in_the_last_attempt_stores_and_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    context = context_of()
    made(CatchDecorator, var="failure").around(raises(ValueError("no good")), context)
    caught = context.flow.failure
    assert (caught.exception, caught.type) == ("no good", "builtins.ValueError")
    assert "ValueError: no good" in caught.stacktrace
    assert "Traceback (most recent call last)" in caught.stacktrace
    assert "catch.py" not in caught.stacktrace
    assert context.binding.next_call is not None
    assert context.binding.next_call.steps == ("a", "b")
    error = capsys.readouterr().err
    assert "@catch caught an exception of step 'start':" in error
    assert ">  ValueError: no good" in error


def test_what_is_caught_is_stored_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    context = context_of()
    made(CatchDecorator, var="failure").around(raises(ValueError("no sesame-open")), context)
    assert context.flow.failure.exception == "no ***"
    assert "sesame" not in pickle.dumps(context.flow.failure).decode("latin-1")
    assert "sesame" not in capsys.readouterr().err


def test_catch_before_the_last_attempt_lets_the_failure_pass() -> None:
    context = context_of(user_attempts=2)
    with pytest.raises(ValueError, match="no good"):
        made(CatchDecorator, var="failure").around(raises(ValueError("no good")), context)
    assert context.binding.next_call is None
    assert not hasattr(context.flow, "failure")


def test_catch_on_success_sets_none() -> None:
    context = context_of()
    made(CatchDecorator, var="failure").around(lambda: context.flow.next(context.flow.a, context.flow.b), context)
    assert context.flow.failure is None
    assert context.binding.next_call.origin != "@catch"


def test_catch_without_a_variable_and_silent(capsys: pytest.CaptureFixture[str]) -> None:
    context = context_of("join")
    made(CatchDecorator, print_exception=False).around(raises(ValueError()), context)
    assert context.binding.next_call.steps == ("each",)
    assert capsys.readouterr().err == ""


def test_a_step_that_had_called_next_before_it_failed_keeps_that() -> None:
    context = context_of()

    def run() -> None:
        context.flow.next(context.flow.a, context.flow.b)
        raise ValueError

    made(CatchDecorator).around(run, context)
    assert context.binding.next_call.steps == ("a", "b")


def test_catch_at_the_end_goes_nowhere() -> None:
    context = context_of("end")
    made(CatchDecorator, var="failure").around(raises(ValueError("x")), context)
    assert context.binding.next_call is None


@pytest.mark.parametrize("error", [StepTimeout("late"), SystemExit(0), MemoryError()])
def test_what_else_is_caught(error: BaseException) -> None:
    context = context_of()
    made(CatchDecorator, var="failure", print_exception=False).around(raises(error), context)
    assert context.flow.failure.type.endswith(type(error).__name__)


def test_the_end_of_the_run_isn_t_caught() -> None:
    with pytest.raises(KeyboardInterrupt):
        made(CatchDecorator).around(raises(KeyboardInterrupt()), context_of())


def test_the_fallback_attempt_runs_no_code() -> None:
    context = context_of(attempt=3, user_attempts=3)
    assert made(CatchDecorator).attempts().fallbacks == 1
    made(CatchDecorator, var="failure").around(lambda: pytest.fail("ran"), context)
    assert context.flow.failure.type == "flowkit.errors.FailureHandledByCatch"
    assert "step 'start' failed in all its attempts (3)" in context.flow.failure.exception
    assert context.binding.next_call.steps == ("a", "b")


def test_catch_is_refused_where_the_way_isn_t_known() -> None:
    graph = graph_of(Flow)
    decorator = made(CatchDecorator, var="failure")
    refused = {name: [problem.message for problem in decorator.check(graph, name)] for name in graph.nodes}
    assert {name for name, found in refused.items() if found} == {"each", "choose"}
    assert "step 'each' splits by a foreach" in refused["each"][0]
    assert "step 'choose' is a switch" in refused["choose"][0]
    (problem,) = made(CatchDecorator, var="work").check(graph, "start")
    assert "@catch(var='work'): that is the name of a step" in problem.message


def test_a_caught_exception_can_be_stored_whatever_it_was() -> None:
    class Odd(Exception):
        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()

        def __str__(self) -> str:
            raise RuntimeError

    try:
        raise Odd
    except Odd as error:
        caught = pickle.loads(pickle.dumps(CaughtException.of(error)))
    assert caught.exception == "<no text: RuntimeError in __str__>"
    assert caught.type.endswith(".Odd")
    assert "Traceback" in str(caught)
    assert sys.exc_info() == (None, None, None)
    assert isinstance(caught, Exception)
    assert repr(caught).startswith("<caught ")


def test_frames_of_flowkit_are_not_in_the_stored_traceback() -> None:
    context = context_of()

    def run() -> None:
        try:
            context.flow.missing_artifact  # noqa: B018
        except AttributeError as error:
            raise ValueError("wrapped") from error

    made(CatchDecorator, var="failure", print_exception=False).around(run, context)
    trace = context.flow.failure.stacktrace
    assert "AttributeError: step 'start' of Flow has no artifact 'missing_artifact'" in trace
    assert "ValueError: wrapped" in trace
    assert f'File "{__file__}"' in trace
    assert "flowspec.py" not in trace
    assert "catch.py" not in trace
