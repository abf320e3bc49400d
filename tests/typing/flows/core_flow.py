"""What a flow of FlowKit alone is typed as. Both type checkers must find nothing wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_type

from flowkit import (
    Config,
    ConfigValue,
    Flow,
    FlowSpec,
    IncludeFile,
    JSONType,
    Parameter,
    Run,
    Step,
    Task,
    catch,
    config_expr,
    current,
    environment,
    project,
    resources,
    retry,
    schedule,
    secrets,
    step,
    timeout,
    trigger,
    user_step_decorator,
)
from flowkit.authoring.inputs import Inputs
from flowkit.parameters import ParameterContext


def user_of(context: ParameterContext) -> str:
    return context.user_name


@user_step_decorator
def noting(step_name: str, flow: Any, inputs: Any = None, attributes: Any = None) -> Any:
    yield


@project(name="typed")
@schedule(hourly=True)
@trigger(event="data")
class TypedFlow(FlowSpec):
    """A flow."""

    settings = Config("settings", default_value={"depth": 2, "resources": {"memory": 1}})
    maybe_settings = Config("maybe_settings")
    plain = Config("plain", default="plain.txt", plain=True, parser=len)

    by_default = Parameter("by_default", default=0.5, help="a number")
    whole = Parameter("whole", default=1)
    flag = Parameter("flag", default=False)
    text = Parameter("text", default="a")
    typed = Parameter("typed", type=int)
    typed_required = Parameter("typed_required", type=int, required=True)
    typed_default = Parameter("typed_default", type=float, default=1)
    required_text = Parameter("required_text", required=True)
    untyped = Parameter("untyped")
    computed = Parameter("computed", default=user_of)
    several = Parameter("several", type=int, multiple=True)
    separated = Parameter("separated", default="a,b", separator=",")
    choice = Parameter("choice", type=["a", "b"], default="a")
    json = Parameter("json", type=JSONType, default="{}")
    as_dict = Parameter("as_dict", default={"a": 1})
    configured = Parameter("configured", default=settings.depth)
    words = IncludeFile("words", default="words.txt")
    content = IncludeFile("content", is_text=False, default="words.txt")
    parsed = IncludeFile("parsed", parser=len, default="words.txt")

    SIZE = 3

    @resources(memory=settings.resources.memory, cpu=config_expr("settings.depth"))
    @step
    def start(self) -> None:
        assert_type(self.by_default, float)
        assert_type(self.whole, int)
        assert_type(self.flag, bool)
        assert_type(self.text, str)
        self.answer = self.typed * 2
        assert_type(self.typed_required, int)
        assert_type(self.typed_default, float)
        assert_type(self.required_text, str)
        self.upper = self.untyped.upper()
        assert_type(self.computed, str)
        assert_type(self.several, tuple[int, ...])
        assert_type(self.separated, list[str])
        assert_type(self.choice, str)
        assert_type(self.json, Any)
        assert_type(self.as_dict, dict[str, int])
        assert_type(self.words, str)
        assert_type(self.content, bytes)
        assert_type(self.parsed, int)
        assert_type(self.settings, ConfigValue)
        assert_type(self.plain, int)
        self.depth = self.settings.depth + self.maybe_settings.depth
        self.size = self.SIZE * self.configured
        self.rows = [1, 2, 3]
        self.next(self.work, foreach="rows")

    @retry(times=2, minutes_between_retries=0)
    @catch(var="problem")
    @timeout(minutes=1)
    @environment(vars={"A": "b"})
    @secrets(sources=["inline.x"], role=None)
    @noting(level=2)
    @step
    def work(self) -> None:
        self.at = self.index + 1
        self.item = self.input
        for position, count, value in self.foreach_stack():
            assert_type(position, int)
            assert_type(count, int | None)
            print(value)
        self.next(self.join)

    @step
    def join(self, inputs: Inputs) -> None:
        self.items = [one.item for one in inputs]
        self.first = inputs[0].item + inputs.work.item
        self.merge_artifacts(inputs, exclude=["item"])
        self.kind = "left"
        self.next({"left": self.left, "right": self.right}, condition="kind")

    @retry
    @step
    def left(self) -> None:
        print(current.run_id.upper(), current.retry_count + 1, current.pathspec, current.project_name.upper())
        assert_type(current.is_production, bool)
        assert_type(current.is_running_flow, bool)
        assert_type(current.origin_run_id, str | None)
        print(current.run.tags, current.task.pathspec, current.parallel.node_index)
        for tag in current.tags:
            print(tag)
        self.next(self.middle)

    @step
    def right(self) -> None:
        self.next(self.middle)

    @step
    def middle(self) -> None:
        self.next(self.one, self.two)

    @step
    def one(self) -> None:
        self.next(self.last)

    @step
    def two(self) -> None:
        self.next(self.last)

    @step
    def last(self, inputs: Inputs) -> None:
        self.next(self.end)

    @step(end=True)
    def end(self) -> None:
        print(self.anything_that_another_step_set)


def read() -> Sequence[float]:
    flow = Flow("TypedFlow")
    run = flow.latest_successful_run
    assert run is not None
    assert_type(run, Run)
    assert_type(flow["7"], Run)
    assert_type(run["train"], Step)
    assert_type(run["train"]["3"], Task)
    for one in flow:
        assert_type(one, Run)
        for each in one:
            assert_type(each, Step)
            for task in each:
                assert_type(task, Task)
                assert_type(task.stdout, str)
                assert_type(task.finished, bool)
                print(task.data.model, task["model"].data)
    assert run.data is not None
    return [float(run.data.score)]


if __name__ == "__main__":
    TypedFlow()
