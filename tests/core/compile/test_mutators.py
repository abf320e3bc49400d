"""Mutators: what they see, what they change, and that a class stays as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from flowkit import (
    Config,
    FlowMutator,
    FlowSpec,
    MutableFlow,
    MutableStep,
    Parameter,
    StepMutator,
    UserStepDecorator,
    environment,
    resources,
    retry,
    step,
    user_step_decorator,
)
from flowkit.authoring.config_resolution import ConfigSource
from flowkit.authoring.decorators import step_decorators_of
from flowkit.compile.compiler import CompiledFlow, compile_flow
from flowkit.compile.graph_info import graph_info
from flowkit.compile.prepare import prepare_flow
from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.kernel.markers import hookimpl
from flowkit.kernel.provider import Provider
from flowkit.kernel.registry import Registry
from flowkit.model.graph import DecoratorSpec
from flowkit.settings import Settings

MADE: list[str] = []


class Page(StepDecorator):
    name = "page"
    defaults: ClassVar[Mapping[str, Any]] = {"id": ""}
    allow_multiple = True

    def __init__(self, spec: DecoratorSpec) -> None:
        super().__init__(spec)
        MADE.append(self.attributes["id"])


@hookimpl
def flowkit_step_decorators() -> Any:
    yield Provider("page", lambda: Page)


@pytest.fixture
def registry() -> Registry:
    import sys

    MADE.clear()
    return Registry.discover(Settings.load(), extra_modules=[sys.modules[__name__]])


@user_step_decorator
def noted(step_name: str, flow: Any, inputs: Any, attributes: Any) -> Any:
    yield


class Counted(UserStepDecorator):
    def init(self, n: int = 0) -> None:
        self.n = n


class Acting(StepMutator):
    """Calls what it was given."""

    def init(self, late: Any = None, early: Any = None) -> None:
        self.late, self.early = late, early

    def pre_mutate(self, mutable_step: MutableStep) -> None:
        if self.early:
            self.early(mutable_step)

    def mutate(self, mutable_step: MutableStep) -> None:
        if self.late:
            self.late(mutable_step)


class FlowActing(FlowMutator):
    def init(self, late: Any = None, early: Any = None) -> None:
        self.late, self.early = late, early

    def pre_mutate(self, mutable_flow: MutableFlow) -> None:
        if self.early:
            self.early(mutable_flow)

    def mutate(self, mutable_flow: MutableFlow) -> None:
        if self.late:
            self.late(mutable_flow)


def of_start(registry: Registry, late: Any = None, early: Any = None, *more: Any, decospecs: Any = ()) -> CompiledFlow:
    class F(FlowSpec):
        config = Config("config", default_value={"times": 4})

        @Acting(late=late, early=early)
        @environment(vars={"A": "1"})
        @step
        def start(self) -> None:
            self.next(self.end)

        @step
        def end(self) -> None:
            print()

    for decorate in more:
        decorate(F.start)
    return compile_flow(F, registry, decospecs)


def names(compiled: CompiledFlow, name: str = "start") -> list[str]:
    return [spec.name for spec in compiled.graph[name].decorators]


def messages(compiled: CompiledFlow) -> list[str]:
    return [problem.message for problem in compiled.problems]


def test_a_step_is_seen_with_its_decorators(registry: Registry) -> None:
    seen: list[Any] = []

    def look(mutable_step: MutableStep) -> None:
        seen.append(
            (
                mutable_step.name,
                list(mutable_step.decorator_specs),
                mutable_step.has_decorator("environment"),
                mutable_step.has_decorator("retry"),
                len(mutable_step.get_decorator_specs(f"{__name__}.Acting")),
                [name for name, _ in mutable_step.flow.steps],
                list(mutable_step.flow.configs),
            )
        )

    compiled = of_start(registry, late=look, decospecs=["resources:cpu=2"])
    assert messages(compiled) == []
    ((name, specs, has_environment, has_retry, count, steps, configs),) = seen
    assert (name, has_environment, has_retry, count, steps) == ("start", True, False, 1, ["start", "end"])
    assert configs == [("config", {"times": 4})]
    assert [one[0] for one in specs] == ["Acting", "environment", "resources"]
    assert specs[1][1].endswith("EnvironmentDecorator")
    assert specs[1][3] == {"vars": {"A": "1"}, "fork_safe": False}
    assert specs[2][3]["cpu"] == 2


@pytest.mark.parametrize(
    "given",
    [
        (retry, None, {"times": 2}),
        ("retry", None, {"times": 2}),
        ("retry:times=2", None, None),
    ],
)
def test_a_decorator_is_added_by_itself_by_name_or_as_a_text(registry: Registry, given: Any) -> None:
    compiled = of_start(registry, late=lambda one: one.add_decorator(*given))
    assert messages(compiled) == []
    (spec,) = [one for one in compiled.graph["start"].decorators if one.name == "retry"]
    assert spec.attributes == {"times": 2}
    assert spec.inserted_by == (f"{__name__}.Acting",)
    assert len([one for one in compiled.step_decorators["start"] if one.name == "retry"]) == 1


@pytest.mark.parametrize(
    "given",
    [
        (Counted, [5], None),
        (Counted, None, {"n": 5}),
        ("Counted", None, {"n": 5}),
        ("Counted:n=5", None, None),
        ("Counted:0=5", None, None),
        (f"{__name__}.Counted:n=5", None, None),
    ],
)
def test_a_decorator_of_the_users_own_is_added_outermost(registry: Registry, given: Any) -> None:
    found: list[Any] = []
    compiled = of_start(registry, late=lambda one: found.append(one.add_decorator(*given)))
    assert messages(compiled) == []
    assert names(compiled)[0] == "Counted"
    assert found[0].n == 5
    assert compiled.graph["start"].decorators[0].target is found[0]


def test_a_mutator_that_attaches_one_attaches_one(registry: Registry) -> None:
    """Attached ones are made once, though both of the mutator's methods are called and the flow is read twice."""
    compiled = of_start(registry, late=lambda one: one.add_decorator("page", deco_kwargs={"id": "x"}))
    assert names(compiled).count("page") == 1
    assert MADE == ["x"]
    assert [one.spec.attributes for one in compiled.step_decorators["start"] if one.name == "page"] == [{"id": "x"}]


def test_duplicates(registry: Registry) -> None:
    def times(duplicates: int) -> Any:
        def act(one: MutableStep) -> None:
            one.add_decorator(environment, deco_kwargs={"vars": {"B": "2"}}, duplicates=duplicates)

        compiled = of_start(registry, late=act)
        found = [dict(one.attributes) for one in compiled.graph["start"].decorators if one.name == "environment"]
        return found, messages(compiled)

    assert times(MutableStep.IGNORE) == ([{"vars": {"A": "1"}}], [])
    assert times(MutableStep.OVERRIDE) == ([{"vars": {"B": "2"}}], [])
    found, wrong = times(MutableStep.ERROR)
    assert found == [{"vars": {"A": "1"}}]
    assert "@environment is there already" in wrong[0]
    assert (MutableFlow.IGNORE, MutableFlow.ERROR, MutableFlow.OVERRIDE) == (1, 2, 3)


def test_decorators_are_removed_by_name_or_with_their_arguments(registry: Registry) -> None:
    results: list[bool] = []

    def act(one: MutableStep) -> None:
        results.append(one.remove_decorator("environment", deco_kwargs={"vars": {"A": "2"}}))
        results.append(one.remove_decorator("environment", deco_kwargs={"vars": {"A": "1"}}))
        results.append(one.remove_decorator("environment"))
        results.append(one.remove_decorator(f"{__name__}.noted"))

    compiled = of_start(registry, act, None, noted(n=1))
    assert results == [False, True, False, True]
    assert names(compiled) == ["Acting"]


def test_step_mutators_come_and_go_early_only(registry: Registry) -> None:
    calls: list[str] = []
    inner = {"early": lambda _: calls.append("early"), "late": lambda _: calls.append("late")}

    class Second(Acting):
        pass

    compiled = of_start(registry, early=lambda one: one.add_decorator(Second, deco_kwargs=inner))
    assert messages(compiled) == []
    assert calls == ["early", "late"]
    compiled = of_start(registry, late=lambda one: one.add_decorator(Second))
    assert "can only be added in pre_mutate" in messages(compiled)[0]
    compiled = of_start(registry, late=lambda one: one.remove_decorator("Acting"))
    assert "can only be removed in pre_mutate" in messages(compiled)[0]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda one: one.add_decorator("no_such"), "no_such"),
        (lambda one: one.add_decorator(3), "not 3"),
        (lambda one: one.add_decorator(print), "no decorator"),
        (lambda one: one.add_decorator("retry:times=1", deco_kwargs={"times": 2}), "others are given besides"),
        (lambda one: one.add_decorator("retry", deco_args=[1]), "by name"),
        (lambda one: one.add_decorator(Counted, deco_kwargs={"m": 1}), "init raised TypeError"),
        (lambda one: one.add_decorator("retry", duplicates=9), "duplicates is 9"),
        (lambda one: one.add_decorator("retry:times=-1"), "times must be"),
        (lambda one: 1 / 0, "its mutate raised ZeroDivisionError"),
    ],
)
def test_what_is_wrong_is_told_where_the_mutator_stands(registry: Registry, act: Any, words: str) -> None:
    (problem,) = of_start(registry, late=act).problems
    assert words in problem.message
    assert problem.file == __file__


def test_a_flow_is_changed_early(registry: Registry) -> None:
    seen: list[Any] = []

    def early(flow: MutableFlow) -> None:
        seen.append([name for name, _ in flow.parameters])
        flow.add_parameter("added", Parameter("added", default=flow.config.number))
        assert flow.remove_parameter("gone")
        assert not flow.remove_parameter("gone")
        flow.add_parameter("kept", Parameter("kept", default=2), overwrite=True)
        seen.append([name for name, _ in flow.parameters])
        assert flow.added.default == 3

    @FlowActing(early=early, late=lambda flow: flow.end.add_decorator("retry"))
    class F(FlowSpec):
        config = Config("config", default_value={"number": 3})
        gone = Parameter("gone", default=1)
        kept = Parameter("kept", default=1)

        @step
        def start(self) -> None:
            self.next(self.end)

        @step
        def end(self) -> None:
            print()

    for _ in range(2):  # a class that is used again is not changed twice
        compiled = compile_flow(F, registry)
        assert messages(compiled) == []
        assert sorted(one.attribute for one in compiled.parameters) == ["added", "kept"]
        assert {one.attribute: one.default for one in compiled.parameters} == {"added": 3, "kept": 2}
        assert (names(compiled), names(compiled, "end")) == ([], ["retry"])
    assert seen == [["gone", "kept"], ["kept", "added"]] * 2 or seen[0] == ["gone", "kept"]
    assert step_decorators_of(F.end) == ()
    assert [one["name"] for one in graph_info(compiled)["decorators"]] == ["FlowActing"]


@pytest.mark.parametrize(
    "late",
    [
        lambda flow: flow.add_parameter("x", Parameter("x")),
        lambda flow: flow.remove_parameter("x"),
        lambda flow: flow.add_decorator("project"),
        lambda flow: flow.remove_decorator("project"),
    ],
)
def test_a_flow_is_not_changed_late(registry: Registry, late: Any) -> None:
    @FlowActing(late=late)
    class F(FlowSpec):
        @step
        def start(self) -> None:
            print()

    assert "in pre_mutate, not in mutate" in messages(compile_flow(F, registry))[0]


def test_bases_mutate_first_and_each_class_by_itself(registry: Registry) -> None:
    order: list[str] = []

    class Second(FlowActing):
        pass

    @FlowActing(early=lambda flow: (order.append("base"), flow.add_decorator(Second, deco_kwargs={"early": third})))
    class Base(FlowSpec):
        @Acting(late=lambda one: one.add_decorator("retry"))
        @step
        def start(self) -> None:
            print()

    def third(flow: MutableFlow) -> None:
        order.append("added")

    class Other(FlowActing):
        pass

    @Other(early=lambda flow: order.append("own"))
    class Derived(Base):
        pass

    assert names(compile_flow(Derived, registry)) == ["Acting", "retry"]
    assert order == ["base", "own", "added"]
    assert names(compile_flow(Base, registry)) == ["Acting", "retry"]
    assert order == ["base", "own", "added", "base", "added"]


def test_values_given_later_are_used_when_a_class_is_prepared_again(registry: Registry) -> None:
    class F(FlowSpec):
        config = Config("config", default_value={"times": 4})
        number = Parameter("number", default=config.times, type=int)

        @retry(times=config.times)
        @step
        def start(self) -> None:
            print()

    def used(**values: Any) -> list[Any]:
        compiled = compile_flow(F, registry, (), prepare_flow(F, registry, ConfigSource(stored=values)))
        return [compiled.graph["start"].decorators[0].attributes, compiled.parameters[0].default, F.config.times]

    assert used() == [{"times": 4}, 4, 4]
    assert used(config={"times": 7}) == [{"times": 7}, 7, 7]


def test_a_step_can_be_given_decorators_by_with(registry: Registry) -> None:
    compiled = of_start(registry, decospecs=["noted:n=1", f"{__name__}.Counted"])
    assert messages(compiled) == []
    assert names(compiled, "end") == ["noted", "Counted"]
    assert names(compiled, "start")[:2] == ["noted", "Counted"]
    wrong = messages(of_start(registry, decospecs=["no.such.module.Name"]))
    assert any("can't be imported" in message for message in wrong)


def test_a_decorator_stands_above_step() -> None:
    from flowkit.errors import InvalidDecorator

    with pytest.raises(InvalidDecorator, match="above @step"):

        class F(FlowSpec):
            @step
            @Counted
            def start(self) -> None:
                print()

    with pytest.raises(InvalidDecorator, match="generator"):
        user_step_decorator(print)  # type: ignore[arg-type]


def test_arguments_without_init_are_refused(registry: Registry) -> None:
    class Plain(UserStepDecorator):
        pass

    class F(FlowSpec):
        @Plain(n=1)
        @resources(cpu=1)
        @step
        def start(self) -> None:
            print()

    assert "has no method init" in messages(compile_flow(F, registry))[0]


def test_files_for_the_package(registry: Registry) -> None:
    class Packing(Counted):
        def add_to_package(self) -> Any:
            yield "/a/file", "inside"

    class F(FlowSpec):
        @Packing(1)
        @step
        def start(self) -> None:
            print()

    (decorator,) = compile_flow(F, registry).step_decorators["start"]
    assert list(decorator.files()) == [("/a/file", "inside")]
