"""Decorators as flow authors write them: they only note their arguments."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from flowkit import FlowSpec, catch, environment, resources, retry, step, timeout
from flowkit.authoring.decorators import (
    flow_decorator_factory,
    flow_decorators_of,
    step_decorator_factory,
    step_decorators_of,
)
from flowkit.errors import InvalidDecorator


def line() -> int:
    return sys._getframe(1).f_lineno


def test_decorators_are_noted_from_the_top_with_their_places() -> None:
    first = line() + 3

    @retry(times=2)
    @step
    @catch
    @timeout(seconds=1)
    def work(self: Any) -> None:
        print()

    noted = [(spec.name, dict(spec.attributes), spec.origin) for spec in step_decorators_of(work)]
    assert noted == [
        ("retry", {"times": 2}, f"{__file__}:{first - 1}"),
        ("catch", {}, f"{__file__}:{first + 1}"),
        ("timeout", {"seconds": 1}, f"{__file__}:{first + 2}"),
    ]


def test_a_function_that_is_used_twice_isn_t_changed_by_the_other_use() -> None:
    def plain(self: Any) -> None:
        print()

    retry(plain)
    environment(vars={"A": "1"})(plain)
    assert [spec.name for spec in step_decorators_of(plain)] == ["environment", "retry"]


def test_decorators_of_plugins() -> None:
    card, schedule = step_decorator_factory("card"), flow_decorator_factory("schedule")
    assert (card.__name__, schedule.__name__) == ("card", "schedule")

    @schedule
    class Base(FlowSpec):
        @card(type="x")
        @step
        def start(self) -> None:
            print()

    @schedule(daily=True)
    class Derived(Base):
        pass

    assert [(spec.name, dict(spec.attributes)) for spec in step_decorators_of(Base.start)] == [("card", {"type": "x"})]
    assert [dict(spec.attributes) for spec in flow_decorators_of(Derived)] == [{"daily": True}, {}]
    assert [dict(spec.attributes) for spec in flow_decorators_of(Base)] == [{}]
    assert flow_decorators_of(Base)[0].origin.startswith(f"{__file__}:")


def test_arguments_without_names_and_wrong_places_are_refused() -> None:
    with pytest.raises(InvalidDecorator, match=rf"{__file__}:{line() + 1}: @retry takes its arguments by name"):
        retry(3)  # type: ignore[call-overload]
    with pytest.raises(InvalidDecorator, match="@resources is for steps; it stands on the class"):
        resources(cpu=2)(FlowSpec)
    with pytest.raises(InvalidDecorator, match="@schedule is for flows"):
        flow_decorator_factory("schedule")(print)
    with pytest.raises(InvalidDecorator, match="@schedule is for flows"):
        flow_decorator_factory("schedule")("daily")


FLOW = """
from flowkit import FlowSpec, Parameter, catch, current, environment, resources, retry, step, timeout

class Flow(FlowSpec):
    alpha = Parameter("alpha", default=1)

    @retry
    @catch(var="error")
    @timeout(minutes=1)
    @environment(vars={"A": "1"})
    @resources(cpu=2, memory=1000)
    @step
    def start(self) -> None:
        self.x = self.alpha + 1
        self.items = [1]
        self.next(self.work, foreach="items")

    @retry(times=2)
    @step
    def work(self) -> None:
        reveal_type(self.input)
        self.next(self.end)

    @step(end=True)
    def end(self, number: int) -> str:
        print(current.run_id)
        return "x"

reveal_type(Flow.start)
reveal_type(Flow.end)
"""


def test_type_checkers_see_the_methods_unchanged(tmp_path: Path) -> None:
    file = tmp_path / "flow.py"
    file.write_text(FLOW)
    mypy = Path(sysconfig.get_path("scripts")) / "mypy"
    done = subprocess.run([str(mypy), "--strict", str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert 'Revealed type is "def (self: flow.Flow)"' in done.stdout
    assert 'def (self: flow.Flow, number: int) -> str"' in done.stdout.replace("builtins.", "")


@pytest.mark.parametrize("wrong", ["@retry(tims=2)", "@timeout(seconds='x')", "@resources(cores=2)"])
def test_type_checkers_see_wrong_arguments(wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "flow.py"
    file.write_text(FLOW.replace("@retry(times=2)", wrong))
    mypy = Path(sysconfig.get_path("scripts")) / "mypy"
    done = subprocess.run([str(mypy), "--strict", str(file)], capture_output=True, text=True, check=False)
    assert "flow.py:18: error" in done.stdout
    assert "[call-overload]" in done.stdout
