"""Decorators of the user's own around an attempt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

HEAD = """
def note(flow, text):
    flow.seen = [*getattr(flow, "seen", []), text]

@user_step_decorator
def around(step_name, flow, inputs, attributes):
    note(flow, f"before {attributes['n']}")
    yield
    note(flow, f"after {attributes['n']}")

@user_step_decorator
def telling(step_name, flow, inputs):
    try:
        yield
    except BaseException as error:
        note(flow, type(error).__name__)
        raise

@user_step_decorator
def forgiving(step_name, flow, inputs):
    try:
        yield
    except Exception as error:
        note(flow, f"forgave {error}")
"""
FLOW = """
class F(FlowSpec):
    {decorators}
    @step
    def start(self):
        note(self, "body")
        {body}

    @step
    def work(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
"""
NEXT = "self.next(self.work, foreach='items')"


@pytest.fixture
def run(tasks: Callable[[str], Any]) -> Callable[..., Any]:
    """Runs ``start``; gives the tasks and the outcome."""

    def run(decorators: str, body: str = "self.items = [1]", *, head: str = "", **fields: Any) -> Any:
        lines = f"{body}\n{NEXT}".replace("\n", "\n        ")
        text = FLOW.replace("{decorators}", decorators.replace("\n", "\n    ")).replace("{body}", lines)
        made = tasks(HEAD + head + text)
        assert [str(one) for one in made.compiled.problems] == []
        return made, made.run("start", **fields)

    return run


def test_the_uppermost_is_outermost_and_the_rest_runs_inside(run: Any) -> None:
    made, outcome = run("@around(n=1)\n@around(n=2)")
    assert made.value(outcome, "seen") == ["before 1", "before 2", "body", "after 2", "after 1"]
    assert outcome.transition.foreach == "items"


def test_an_exception_arrives_at_the_yield_and_goes_on(run: Any) -> None:
    made, outcome = run("@telling\n@around(n=1)\n@telling", "raise KeyError('x')")
    assert outcome.status == "failed"
    assert "KeyError" in outcome.failure.type
    assert made.value(outcome, "seen") == ["before 1", "body", "KeyError", "KeyError"]


def test_a_swallowed_exception_is_a_success_that_goes_on_as_the_source_says(run: Any) -> None:
    made, outcome = run("@forgiving", "self.items = [1, 2]\nraise ValueError('bad')")
    assert outcome.status == "succeeded"
    assert not outcome.caught
    assert made.value(outcome, "seen") == ["body", "forgave bad"]
    assert (outcome.transition.foreach, outcome.transition.num_splits) == ("items", 2)


def test_what_self_next_said_before_an_exception_stays(run: Any) -> None:
    made, outcome = run("@forgiving\n@late", head=LATE)
    assert outcome.status == "succeeded"
    assert outcome.transition.num_splits == 1
    assert made.value(outcome, "seen")[-1] == "forgave late"


LATE = """
@user_step_decorator
def late(step_name, flow, inputs):
    yield
    raise ValueError("late")
"""


def test_catch_is_outside_and_records_what_came_out(run: Any, tasks: Any) -> None:
    source = HEAD + LATE + FLOW.replace("{decorators}", "@catch(var='failure', print_exception=False)\n    @late")
    made = tasks(source.replace("{body}", "self.items = 1\n        self.next(self.end)"))
    outcome = made.run("start")
    assert outcome.status == "succeeded"
    assert outcome.caught
    assert made.value(outcome, "failure").exception == "late"


@pytest.mark.parametrize(
    ("yielded", "left"),
    [
        ("yield USER_SKIP_STEP", ("items", 2)),
        ("yield {}", ("items", 2)),
        ("yield {'foreach': 'few'}", ("few", 1)),
        ("return\n    yield", ("items", 2)),
        ("yield lambda self: True", ("items", 2)),
        ("yield lambda self: {'foreach': 'few'}", ("few", 1)),
        ("yield lambda self: self.next(self.work, foreach='items')", ("items", 2)),
    ],
)
def test_a_step_is_skipped_or_replaced(run: Any, yielded: str, left: tuple[str, int]) -> None:
    head = f"""
@user_step_decorator
def instead(step_name, flow, inputs):
    flow.items, flow.few = [1, 2], [1]
    {yielded}
"""
    made, outcome = run("@around(n=1)\n@instead\n@around(n=2)", head=head)
    assert outcome.status == "succeeded", outcome.failure
    assert made.value(outcome, "seen") == ["before 1", "after 1"]
    assert (outcome.transition.foreach, outcome.transition.num_splits) == left


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("yield\n    yield", "yields twice"),
        ("yield 3", "yields 3"),
        ("yield\n    return 3", "returned 3"),
        ("yield {'none': 1}", "no argument 'none'"),
        ("yield {'foreach': 'missing'}", "'missing'"),
    ],
)
def test_a_generator_that_does_what_it_may_not(run: Any, lines: str, words: str) -> None:
    head = f"@user_step_decorator\ndef wrong(step_name, flow, inputs):\n    flow.items = [1]\n    {lines}\n"
    _, outcome = run("@wrong", head=head)
    assert outcome.status == "failed"
    assert words in outcome.failure.message


def test_an_interrupt_is_no_business_of_decorators_but_closes_them(run: Any) -> None:
    head = """
@user_step_decorator
def closing(step_name, flow, inputs):
    try:
        yield
    finally:
        flow.closed = True
"""
    made, outcome = run("@forgiving\n@closing", "raise KeyboardInterrupt", head=head)
    assert outcome.status == "failed"
    assert made.value(outcome, "closed")
    assert made.value(outcome, "seen") == ["body"]


CLASSES = """
class Told(UserStepDecorator):
    def init(self, n, m=0):
        self.n, self.m, self.count = n, m, 0

    def pre_step(self, step_name, flow, inputs=None):
        self.count += 1
        note(flow, f"pre {self.n} {self.m} {self.count} {step_name} {inputs}")

    def post_step(self, step_name, flow, exception=None):
        note(flow, f"post {self.n} {exception}")
        return exception

class Plain(UserStepDecorator):
    pass

class Forgiving(UserStepDecorator):
    def post_step(self, step_name, flow, exception=None):
        note(flow, f"forgave {exception}")

class Turned(UserStepDecorator):
    def post_step(self, step_name, flow, exception=None):
        return None, {"foreach": "few"}

class Skipped(UserStepDecorator):
    def init(self, how=True):
        self.how = how

    def pre_step(self, step_name, flow, inputs=None):
        flow.items, flow.few = [1, 2], [1]
        self.skip_step = self.how
"""


def test_a_class_has_its_arguments_and_each_attempt_begins_anew(run: Any) -> None:
    made, outcome = run("@Told(1, m=2)\n@Plain\n@Plain()\n@Told(3)", head=CLASSES)
    expected = ["pre 1 2 1 start None", "pre 3 0 1 start None", "body", "post 3 None", "post 1 None"]
    assert made.value(outcome, "seen") == expected
    assert made.value(made.run("start"), "seen") == expected


def test_a_class_passes_on_or_swallows_an_exception(run: Any) -> None:
    made, outcome = run("@Told(1)\n@Plain", "raise ValueError('bad')", head=CLASSES)
    assert outcome.status == "failed"
    assert made.value(outcome, "seen")[-1] == "post 1 bad"
    made, outcome = run("@Told(1)\n@Forgiving", "self.items = [1]\nraise ValueError('bad')", head=CLASSES)
    assert outcome.status == "succeeded"
    assert made.value(outcome, "seen")[-2:] == ["forgave bad", "post 1 None"]


@pytest.mark.parametrize(
    ("decorator", "left"),
    [
        ("@Skipped", ("items", 2)),
        ("@Skipped(how={'foreach': 'few'})", ("few", 1)),
        ("@Turned\n@Skipped", ("few", 1)),
    ],
)
def test_a_class_skips_a_step_or_says_where_it_goes(run: Any, decorator: str, left: tuple[str, int]) -> None:
    made, outcome = run(decorator, head=CLASSES)
    assert "seen" not in made.names(outcome)
    assert (outcome.transition.foreach, outcome.transition.num_splits) == left


def test_a_join_s_decorator_is_given_the_inputs(tasks: Any) -> None:
    source = HEAD + FLOW.replace("{decorators}", "").replace("{body}", f"self.items = [5, 6]\n        {NEXT}")
    source += """
    @work_counted
    @step
    def join(self, inputs):
        self.next(self.end)
"""
    head = """
@user_step_decorator
def work_counted(step_name, flow, inputs):
    flow.count = len(inputs)
    yield lambda self, inputs: {}
"""
    made = tasks(head + source)
    start = made.done("start")
    join = made.done("join", *made.split("work", start))
    assert made.value(join, "count") == 2
    assert join.transition.steps == ("end",)


SWITCH = """
@user_step_decorator
def skipping(step_name, flow, inputs):
    flow.case = {case}
    yield USER_SKIP_STEP

class F(FlowSpec):
    @skipping
    @step
    def start(self):
        self.next({1: self.one, "two": self.two}, condition="case")

    @step
    def one(self):
        self.next(self.end)

    @step
    def two(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""


@pytest.mark.parametrize(("case", "step"), [("1", "one"), ("'two'", "two")])
def test_a_skipped_switch_chooses_by_its_artifact(tasks: Any, case: str, step: str) -> None:
    assert tasks(SWITCH.replace("{case}", case)).done("start").transition.steps == (step,)


def test_a_skipped_switch_without_a_case_says_so(tasks: Any) -> None:
    outcome = tasks(SWITCH.replace("{case}", "3")).run("start")
    assert outcome.status == "failed"
    assert "there is no case for that" in outcome.failure.message
