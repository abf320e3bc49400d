"""``self.next`` while a task runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flowkit import FlowSpec, step
from flowkit.authoring.binding import NextCall
from flowkit.authoring.inputs import Inputs
from flowkit.errors import InvalidNextError
from support.bound_flow import in_step


class Flow(FlowSpec):
    @step
    def start(self) -> None:
        self.next(self.a, self.b)

    @step
    def a(self) -> None:
        self.next(self.each, foreach="items")

    @step
    def b(self) -> None:
        self.next(self.wide, num_parallel=3)

    @step
    def each(self) -> None:
        self.next(self.choose)

    @step
    def choose(self) -> None:
        self.next({"again": self.choose, 2: self.close}, condition="answer")

    @step
    def close(self) -> None:
        self.next(self.join_a)

    @step
    def join_a(self, inputs: Inputs) -> None:
        self.next(self.join)

    @step
    def wide(self) -> None:
        self.next(self.join_b)

    @step
    def join_b(self, inputs: Inputs) -> None:
        self.next(self.join)

    @step
    def join(self, inputs: Inputs) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        print("end")

    def helper(self) -> int:
        return 1


def calls(name: str, arrange: Callable[[Any], None] = lambda flow: None) -> NextCall:
    flow, binding, _ = in_step(Flow, name)
    arrange(flow)
    getattr(flow, name)(*([None] if binding.graph[name].is_join else []))
    assert binding.next_call is not None
    return binding.next_call


def fails(name: str, call: Callable[[Any], None], **artifacts: Any) -> str:
    flow, binding, _ = in_step(Flow, name, artifacts)
    with pytest.raises(InvalidNextError) as caught:
        call(flow)
    assert binding.next_call is None
    message = str(caught.value)
    line = call.__code__.co_firstlineno
    assert message.startswith(f"self.next in step {name!r} ({__file__}:{line}): ")
    return message


def test_what_each_form_records() -> None:
    assert calls("start").steps == ("a", "b")
    line = Flow.start.__code__.co_firstlineno + 2
    assert calls("start").origin == f"{__file__}:{line}"
    call = calls("b")
    assert (call.steps, call.num_parallel, call.foreach) == (("wide",), 3, None)
    assert calls("join").steps == ("end",)


@pytest.mark.parametrize("items", [[1], (0,), {"x"}, {"k": 0}, "text", range(2), b"ab", [None]])
def test_a_foreach_takes_any_collection(items: Any) -> None:
    call = calls("a", lambda flow: setattr(flow, "items", items))
    assert (call.steps, call.foreach) == (("each",), "items")


def test_a_foreach_takes_an_array_and_a_collection_of_the_author_s_own() -> None:
    import numpy as np

    class Own:
        def __iter__(self) -> Iterator[int]:
            return iter([1, 2])

    assert calls("a", lambda flow: setattr(flow, "items", np.zeros(3))).foreach == "items"
    assert calls("a", lambda flow: setattr(flow, "items", Own())).foreach == "items"


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (None, "self.items, which foreach iterates over, is None"),
        (5, "is of type int, which isn't a collection"),
        (iter([1]), "is of type list_iterator, which has no size; make it a list"),
        ([], "is empty, so that no task of 'each' would run"),
        ({}, "is empty"),
        ("", "is empty"),
    ],
)
def test_a_foreach_over_nothing_says_which_artifact_and_step(items: Any, said: str) -> None:
    assert said in fails("a", lambda flow: (setattr(flow, "items", items), flow.next(flow.each, foreach="items"))[1])


def test_a_generator_is_not_used_up() -> None:
    flow, _, _ = in_step(Flow, "a")
    items = (number for number in range(3))
    flow.items = items
    with pytest.raises(InvalidNextError, match="generator, which has no size"):
        flow.next(flow.each, foreach="items")
    assert list(items) == [0, 1, 2]


@pytest.mark.parametrize(("answer", "chosen"), [("again", "choose"), (2, "close"), (2.0, "close")])
def test_a_switch_goes_one_way(answer: Any, chosen: str) -> None:
    call = calls("choose", lambda flow: setattr(flow, "answer", answer))
    assert (call.steps, call.condition) == ((chosen,), "answer")


@pytest.mark.parametrize("answer", ["no", 3, None, [1]])
def test_a_value_without_a_case_is_told_with_the_cases(answer: Any) -> None:
    message = fails(
        "choose",
        lambda flow: flow.next({"again": flow.choose, 2: flow.close}, condition="answer"),
        answer=answer,
    )
    assert f"self.answer is {answer!r}, and there is no case for that; the cases are: 'again', 2" in message


@pytest.mark.parametrize(
    ("name", "call", "said"),
    [
        ("start", lambda flow: flow.next("a"), "'a' is a text; give the method: self.a"),
        ("start", lambda flow: flow.next(flow.helper), "helper is a method but not a step"),
        ("start", lambda flow: flow.next(print), "its arguments are methods that are steps"),
        ("start", lambda flow: flow.next(Flow.a), "its arguments are methods that are steps"),
        ("start", lambda flow: flow.next(flow.a, into="x"), "it has no argument 'into'"),
        ("start", lambda flow: flow.next({"a": flow.a}), 'a dict of cases needs condition="name of an artifact"'),
        ("start", lambda flow: flow.next(flow.a), "isn't what the graph says: 'start' goes to a, b"),
        ("start", lambda flow: flow.next(), "isn't what the graph says"),
        ("a", lambda flow: flow.next(flow.each), "isn't what the graph says: 'a' goes to each for each of items"),
        ("a", lambda flow: flow.next(flow.each, foreach="nothing"), "there is no artifact 'nothing'"),
        ("a", lambda flow: flow.next(flow.each, flow.a, foreach="items"), "foreach takes one step, not 2"),
        ("a", lambda flow: flow.next(flow.each, foreach=[1]), "foreach takes the name of an artifact"),
        ("b", lambda flow: flow.next(flow.wide, num_parallel=0), "num_parallel is 0; it must be a whole number"),
        ("b", lambda flow: flow.next(flow.wide, num_parallel=2, foreach="x"), "can't be given together"),
        ("choose", lambda flow: flow.next(flow.close, condition="answer"), "it takes one dict of cases"),
        ("choose", lambda flow: flow.next({2: flow.close}, condition="nothing"), "there is no artifact 'nothing'"),
        ("end", lambda flow: flow.next(flow.a), "'end' goes to no other step"),
    ],
)
def test_a_wrong_call_names_step_line_and_mend(name: str, call: Callable[[Any], None], said: str) -> None:
    assert said in fails(name, call)


def test_an_artifact_that_hides_a_step_is_named() -> None:
    message = fails("start", lambda flow: (setattr(flow, "a", 5), flow.next(flow.a, flow.b))[1])
    assert "self.a was assigned to, and hides the step of that name" in message


def test_a_second_call_says_where_the_first_was() -> None:
    flow, binding, _ = in_step(Flow, "start")
    flow.next(flow.a, flow.b)
    line = sys._getframe().f_lineno - 1
    with pytest.raises(InvalidNextError, match=rf"called before, at .*test_next.py:{line}; call it once"):
        flow.next(flow.a, flow.b)
    assert binding.next_call is not None


def test_outside_of_a_task_there_is_no_next() -> None:
    flow = Flow(use_cli=False)
    with pytest.raises(InvalidNextError, match="where no step runs"):
        flow.next(flow.a)
