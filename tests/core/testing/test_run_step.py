"""``run_step``: what a test may give a step, what it gets back, and which mistakes are told as in a real run."""

# ruff: noqa: ANN001, ANN201, ANN202 - flows as users write them
from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

from flowkit import (
    Config,
    FlowSpec,
    IncludeFile,
    Parameter,
    StepTimeout,
    catch,
    current,
    environment,
    project,
    resources,
    retry,
    secrets,
    step,
    timeout,
    user_step_decorator,
)
from flowkit.errors import CommandError, ConfigurationError, ParameterError
from flowkit.testing import StepResult, run_step

seen: list[Any] = []


@user_step_decorator
def noting(step_name: str, flow: Any, inputs: Any = None) -> Any:
    seen.append(f"before {step_name}")
    yield
    flow.noted = True


class Training(FlowSpec):
    """A flow with all that run_step can be told."""

    SIZE = 3
    alpha = Parameter("learning-rate", default=0.5)
    needed: Any = Parameter("needed", required=True)
    computed = Parameter("computed", type=str, default=lambda context: f"{context.flow_name}/{context.parameter_name}")
    settings: Any = Config("settings", default_value={"depth": 2})

    @step
    def start(self):
        self.rows = [1, 2, 3]
        self.next(self.train, foreach="rows")

    @retry(times=2)
    @step
    def train(self):
        seen.append(current.retry_count)
        if current.retry_count < getattr(self, "failures", 0):
            raise OSError("not yet")
        self.score = self.input * self.alpha * self.SIZE
        self.next(self.join)

    @step
    def join(self, inputs):
        self.scores = [one.score for one in inputs]
        self.items = [(one.index, one.input) for one in inputs]
        self.merge_artifacts(inputs, include=["rows"])
        self.next(self.decide)

    @step
    def decide(self):
        self.kind = "left" if self.settings.depth == 2 else "right"
        self.next({"left": self.left, "right": self.right}, condition="kind")

    @noting
    @environment(vars={"FROM_THE_DECORATOR": "yes"})
    @resources(memory=1)
    @step
    def left(self):
        self.variable = os.environ.get("FROM_THE_DECORATOR")
        self.answers = {name: current.get(name) for name in current}
        self.next(self.end)

    @catch(var="caught")
    @step
    def right(self):
        raise ValueError("as it is")
        self.next(self.end)

    @step
    def end(self):
        self.use(self.client)
        self.told = self.needed

    def use(self, client):
        client.call(1)


@pytest.fixture(autouse=True)
def nothing_seen() -> None:
    seen.clear()


def test_a_foreach_from_its_start_to_its_end() -> None:
    started = run_step(Training.start)
    assert (started.next, started.foreach, started.items) == (("train",), "rows", (1, 2, 3))
    trained = [run_step(Training.train, inputs=started, index=index, parameters={"alpha": 2}) for index in range(3)]
    assert [one["score"] for one in trained] == [6, 12, 18]
    joined = run_step(Training.join, inputs=trained)
    assert joined["scores"] == [6, 12, 18]
    assert joined["items"] == [(0, 1), (1, 2), (2, 3)]
    assert joined["rows"] == [1, 2, 3]
    assert "score" not in joined
    assert (joined.next, joined.foreach, joined.condition) == (("decide",), None, None)


@pytest.mark.parametrize(
    "inputs",
    [
        [{"score": 1, "rows": [7]}, {"score": 2, "rows": [7]}],
        {"train": [{"score": 1, "rows": [7]}, {"score": 2, "rows": [7]}]},
        [StepResult("train", {"score": 1, "rows": [7]}), StepResult("train", {"score": 2, "rows": [7]})],
    ],
)
def test_the_inputs_of_a_join(inputs: Any) -> None:
    with pytest.raises(CommandError, match="the item of the foreach over 'rows' isn't known"):
        run_step(Training.join, inputs=inputs)


def test_where_a_switch_went() -> None:
    result = run_step(Training.decide)
    assert (result.next, result.condition, result["kind"]) == (("left",), "kind", "left")
    assert run_step(Training.decide, configs={"settings": {"depth": 3}}).next == ("right",)
    assert run_step(Training.decide, configs={"settings": '{"depth": 3}'}).next == ("right",)


def test_a_configuration_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text('{"depth": 9}')
    assert run_step(Training.decide, configs={"settings": tmp_path / "own.json"})["settings"] == {"depth": 9}


def test_the_last_step_goes_nowhere() -> None:
    client = MagicMock()
    result = run_step(Training.end, inputs={"client": client}, parameters={"needed": "x"})
    assert result.next == ()
    assert result["told"] == "x"
    client.call.assert_called_once_with(1)


def test_artifacts_are_all_that_a_task_would_store() -> None:
    result = run_step(Training.start, inputs={})
    assert {name: value for name, value in result.artifacts.items() if name != "_graph_info"} == {
        "rows": [1, 2, 3],
        "alpha": 0.5,
        "computed": "Training/computed",
        "settings": {"depth": 2},
        "SIZE": 3,
    }
    with pytest.raises(KeyError, match="left no artifact 'model'; it left: SIZE"):
        result["model"]
    assert "rows" in repr(result)


# --- what is given -----------------------------------------------------------------------------------------------


def test_a_step_gets_copies() -> None:
    class Changing(FlowSpec):
        @step
        def start(self):
            self.rows.append(4)
            self.next(self.end)

        @step
        def end(self):
            self.client.append(1)

    rows = [1, 2, 3]
    assert run_step(Changing.start, inputs={"rows": rows})["rows"] == [1, 2, 3, 4]
    assert rows == [1, 2, 3]
    assert run_step(Changing.start, inputs={"rows": rows}, copy_inputs=False)["rows"] is rows
    assert rows == [1, 2, 3, 4]


def test_parameters_by_either_name_and_as_text() -> None:
    for parameters in ({"alpha": "2"}, {"learning-rate": 2}, {"learning_rate": 2.0}):
        result = run_step(Training.train, input=1, parameters=parameters)
        assert result["score"] == 6
        assert type(result["alpha"]) is type(parameters[next(iter(parameters))]) or result["alpha"] == 2


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"parameters": {"alpha": "much"}}, ParameterError, "'learning-rate': 'much' is not a number"),
        ({"parameters": {"beta": 1}}, CommandError, "has no parameter 'beta'; it has: alpha, needed, computed"),
        ({"configs": {"other": {}}}, ConfigurationError, "has no configuration 'other'"),
        ({"configs": {"settings": "{"}}, ConfigurationError, "settings"),
        ({"index": 0}, CommandError, "step 'start' isn't in a foreach"),
        ({"decorators": ["retry"]}, CommandError, "step 'start' has no decorator 'retry'; it has: none"),
        ({"foreach_stack": [(0, 1, "x")]}, CommandError, "is in 0 foreaches"),
    ],
)
def test_arguments_that_dont_fit(arguments: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        run_step(Training.start, **arguments)


def test_a_required_parameter_is_missed_by_the_step_that_asks_for_it() -> None:
    run_step(Training.start)
    with pytest.raises(ParameterError, match=r"'needed' is required, .*parameters=\{'needed': …\}"):
        run_step(Training.end, inputs={"client": MagicMock()})


def test_an_included_file(tmp_path: Path) -> None:
    class Reading(FlowSpec):
        words = IncludeFile("words")

        @step
        def only(self):
            self.count = len(self.words.split())

    (tmp_path / "words.txt").write_text("a b c")
    assert run_step(Reading.only, parameters={"words": str(tmp_path / "words.txt")})["count"] == 3


def test_nested_foreaches() -> None:
    class Nested(FlowSpec):
        @step
        def start(self):
            self.outer = "ab"
            self.next(self.middle, foreach="outer")

        @step
        def middle(self):
            self.inner = [10, 20]
            self.next(self.work, foreach="inner")

        @step
        def work(self):
            self.stack = self.foreach_stack()
            self.at = (self.index, self.input)
            self.next(self.join)

        @step
        def join(self, inputs):
            self.of = [one.at for one in inputs], self.input
            self.next(self.last)

        @step
        def last(self, inputs):
            self.next(self.end)

        @step
        def end(self): ...

    inputs = {"outer": "ab", "inner": [10, 20]}
    assert run_step(Nested.work, inputs=inputs, index=1)["stack"] == [(0, 2, "a"), (1, 2, 20)]
    assert run_step(Nested.work, inputs=inputs, input=30, index=1)["at"] == (1, 30)
    stack = [(1, 2, "b"), (0, None, 7)]
    assert run_step(Nested.work, foreach_stack=stack)["stack"] == stack
    assert run_step(Nested.work, foreach_stack=stack, inputs=inputs)["at"] == (0, 7)
    with pytest.raises(CommandError, match="is in 2 foreaches, and foreach_stack has 1 levels"):
        run_step(Nested.work, foreach_stack=stack[:1])
    with pytest.raises(CommandError, match="the item of the foreach over 'outer' isn't known"):
        run_step(Nested.work, input=30)
    assert run_step(Nested.join, inputs=[{"at": 1}, {"at": 2}], input="b")["of"] == ([1, 2], "b")


def test_branches_come_in_the_order_of_the_split() -> None:
    class Branches(FlowSpec):
        @step
        def start(self):
            self.next(self.zebra, self.ant)

        @step
        def zebra(self):
            self.next(self.join)

        @step
        def ant(self):
            self.next(self.after)

        @step
        def after(self):
            self.next(self.join)

        @step
        def join(self, inputs):
            self.values = [one.value for one in inputs]
            self.named = inputs.zebra.value
            self.next(self.end)

        @step
        def end(self): ...

    by_name = {"after": {"value": 2}, "zebra": {"value": 1}}
    assert run_step(Branches.join, inputs=by_name)["values"] == [1, 2]
    assert run_step(Branches.join, inputs=[{"value": 1}, {"value": 2}])["named"] == 1
    with pytest.raises(CommandError, match="is a join of after, zebra, not of 'ant'"):
        run_step(Branches.join, inputs={"ant": {}})
    with pytest.raises(CommandError, match="give its inputs by the names"):
        run_step(Branches.join, inputs=[{}, {}, {}])


# --- decorators and current --------------------------------------------------------------------------------------


def test_decorators_act() -> None:
    result = run_step(Training.left, tags=["mine"], current={"card": "a card", "run_id": "7"})
    assert result["variable"] == "yes"
    assert result["noted"] is True
    assert seen == ["before left"]
    assert result["answers"]["step_name"] == "left"
    assert (result["answers"]["card"], result["answers"]["run_id"]) == ("a card", "7")
    assert result["answers"]["tags"] == frozenset({"mine"})
    assert result["answers"]["parameter_names"] == ["settings", "alpha", "needed", "computed"]
    assert "FROM_THE_DECORATOR" not in os.environ
    assert (current.step_name, current.is_running_flow) == (None, False)


def test_decorators_that_are_left_out() -> None:
    bare = run_step(Training.left, decorators=False)
    assert (bare["variable"], "noted" in bare, seen) == (None, False, [])
    some = run_step(Training.left, decorators=["environment"])
    assert (some["variable"], "noted" in some) == ("yes", False)


def test_retries() -> None:
    result = run_step(Training.train, inputs={"failures": 2}, input=1)
    assert (result.attempts, seen) == (3, [0, 1, 2])
    with pytest.raises(OSError, match="not yet"):
        run_step(Training.train, inputs={"failures": 3}, input=1)
    with pytest.raises(OSError, match="not yet"):
        run_step(Training.train, inputs={"failures": 1}, input=1, decorators=False)


def test_what_catch_handles_is_told() -> None:
    result = run_step(Training.right)
    assert result.next == ("end",)
    assert isinstance(result.exception, ValueError)
    assert result["caught"].exception == "as it is"
    with pytest.raises(ValueError, match="as it is"):
        run_step(Training.right, decorators=False)


def test_a_failure_can_be_returned() -> None:
    result = run_step(Training.train, inputs={"failures": 9, "kept": 1}, input=1, raises=False)
    assert isinstance(result.exception, OSError)
    assert (result.next, result.attempts, result["kept"]) == ((), 3, 1)


def test_flow_decorators_and_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    @project(name="mine")
    class OfAProject(FlowSpec):
        @secrets(sources=[{"type": "inline", "id": "x", "options": {"env_vars": {"TOKEN": "abc"}}}])
        @step
        def only(self):
            self.name_of_project = current.project_name
            self.token = os.environ["TOKEN"]

    monkeypatch.delenv("TOKEN", raising=False)
    result = run_step(OfAProject.only)
    assert (result["name_of_project"], result["token"]) == ("mine", "abc")
    assert "TOKEN" not in os.environ


def test_a_timeout() -> None:
    class Slow(FlowSpec):
        @timeout(seconds=0.05)
        @step
        def only(self):
            while True:
                pass

    with pytest.raises(StepTimeout, match="ran longer than its @timeout"):
        run_step(Slow.only)
