"""A flow with an ``__init__`` of its author's: called for each task, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flowkit.task.attempt import open_attempt, warm_up
from flowkit.task.rehearsal import rehearse

Make = Callable[[str], Any]

FLOW = """
calls = []

class InitFlow(FlowSpec):
    def __init__(self, {parameters}):
        calls.append(type(self).__name__)
        self.cache = {{"k": 1}}
        {call}

    @step
    def start(self):
        self.cache["k"] += 1
        self.seen = dict(self.cache)
        self.next(self.a, self.b)

    @step
    def a(self):
        self.next(self.join)

    @step
    def b(self):
        self.cache["k"] = 5
        self.next(self.join)

    @step
    def join(self, inputs):
        self.merge_artifacts(inputs)
        self.of_inputs = [one.cache["k"] for one in inputs]
        self.next(self.end)

    @step
    def end(self):
        self.seen = dict(self.cache)
"""
USUAL = FLOW.format(parameters="*args, **kwargs", call="super().__init__(*args, **kwargs)")


def calls(flow: Any) -> list[str]:
    found: list[str] = flow.compiled.flow_class.__init__.__globals__["calls"]
    return found


@pytest.mark.parametrize(
    ("parameters", "call"),
    [
        ("*args, **kwargs", "super().__init__(*args, **kwargs)"),
        ("use_cli=True", "super().__init__(use_cli=use_cli)"),
        ("use_cli=True", "super().__init__(use_cli)"),
        ("use_cli=True", "super().__init__()"),
        ("*args", "super().__init__(*args)"),
        ("more=1", "super().__init__()"),
        ("use_cli=True", "assert not use_cli"),
    ],
)
def test_what_it_sets_is_there_in_every_task_and_wins(tasks: Make, parameters: str, call: str) -> None:
    flow = tasks(FLOW.format(parameters=parameters, call=call))
    start = flow.done("start")
    assert flow.value(start, "seen") == flow.value(start, "cache") == {"k": 2}
    a, b = flow.done("a", start), flow.done("b", start)
    assert (flow.value(a, "cache"), flow.value(b, "cache")) == ({"k": 1}, {"k": 5})
    join = flow.done("join", a, b)
    assert flow.value(join, "of_inputs") == [1, 5]
    assert flow.value(flow.done("end", join), "seen") == {"k": 1}
    assert calls(flow) == ["InitFlow"] * 5


def test_it_is_given_what_the_script_gives_it(tasks: Make) -> None:
    flow = tasks(FLOW.format(parameters="x, use_cli=True, *, y", call="self.got = (x, y)"))
    flow.compiled.flow_class(3, use_cli=False, y=4)
    assert flow.value(flow.done("start"), "got") == (3, 4)


def test_one_of_a_base_class_is_called_too(tasks: Make) -> None:
    flow = tasks(USUAL + "class Derived(InitFlow):\n    pass\n")
    assert flow.value(flow.done("start"), "cache") == {"k": 2}
    assert calls(flow) == ["Derived"]


def test_what_it_raises_fails_the_task(tasks: Make, capfd: pytest.CaptureFixture[str]) -> None:
    flow = tasks(FLOW.format(parameters="**kwargs", call="raise ValueError('no model')"))
    outcome = flow.run("start")
    assert (outcome.status, outcome.retryable) == ("failed", True)
    assert (outcome.failure.type, outcome.failure.message) == ("ValueError", "no model")
    printed = capfd.readouterr().err
    assert printed == outcome.failure.traceback
    assert "in __init__" in printed
    assert "flowspec.py" not in printed
    assert flow.value(outcome, "cache") == {"k": 1}
    opened = open_attempt(flow.spec("start"), flow.compiled, flow.registry, {})
    assert opened.flow.cache == {"k": 1}
    assert "ValueError: no model" in capfd.readouterr().err


def test_preparing_a_process_for_tasks_does_not_call_it(tasks: Make) -> None:
    flow = tasks(USUAL)
    start = flow.done("start")
    del calls(flow)[:]
    spec = flow.spec("a", start)
    warm_up(spec, flow.compiled, flow.registry, rounds=2)
    rehearse(spec, flow.compiled, flow.registry, rounds=2)
    assert calls(flow) == []
    assert open_attempt(spec, flow.compiled, flow.registry, {}).flow.cache == {"k": 1}
    assert calls(flow) == ["InitFlow"]
