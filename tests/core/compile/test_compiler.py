"""A compiled flow: decorators, parameters, plan, and what tools read of the graph."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import pytest

from flowkit import FlowSpec, Parameter, catch, environment, resources, retry, step, timeout
from flowkit.authoring.decorators import flow_decorator_factory, step_decorator_factory
from flowkit.compile.compiler import check, compile_flow
from flowkit.compile.graph_info import graph_info
from flowkit.compile.imports import imported_modules, preload_modules
from flowkit.compile.plan import attempts_of, make_plan, plan_task
from flowkit.interfaces.flow_decorator import FlowDecorator
from flowkit.interfaces.step_decorator import StepDecorator
from flowkit.kernel.markers import hookimpl
from flowkit.kernel.provider import Provider
from flowkit.kernel.registry import Registry
from flowkit.model.graph import Graph
from flowkit.model.problem import Problem
from flowkit.model.task import RunSpec, StoreRef, TaskSpec
from flowkit.settings import Settings

apart, note = step_decorator_factory("apart"), flow_decorator_factory("note")
DAILY = "a constant"


class Apart(StepDecorator):
    name = "apart"
    fork_safe = False
    defaults: ClassVar[Mapping[str, Any]] = {"modules": ()}

    def preload(self) -> tuple[str, ...]:
        return tuple(self.attributes["modules"])


class Named(Apart):
    name = "named"
    fork_safe = True


class Note(FlowDecorator):
    name = "note"
    defaults: ClassVar[Mapping[str, Any]] = {"text": ""}

    def check(self, graph: Graph) -> Iterable[Problem]:
        if self.attributes["text"] == "bad":
            yield Problem("the note is bad", code="bad-note")


@hookimpl
def flowkit_step_decorators() -> Iterable[Provider[type[StepDecorator]]]:
    yield Provider("apart", lambda: Apart)
    yield Provider("named", lambda: Named)


@hookimpl
def flowkit_flow_decorators() -> Iterable[Provider[type[FlowDecorator]]]:
    yield Provider("note", lambda: Note)


@hookimpl
def flowkit_check_graph(graph: Graph) -> Iterable[Problem]:
    if graph.name == "Refused":
        yield Problem("this plugin refuses it", code="refused")


@pytest.fixture(scope="module")
def registry() -> Registry:
    module = sys.modules[__name__]
    return Registry.discover(Settings.load({"FLOWKIT_USER": "ada"}), extra_modules=[module])


@note(text="of the base")
class Base(FlowSpec):
    limit = 3

    @retry(times=2, minutes_between_retries=1)
    @catch(var="error")
    @timeout(minutes=1, seconds=5)
    @resources(cpu=2, memory=100)
    @resources(memory=8000, gpu=1)
    @step
    def start(self) -> None:
        """Begin."""
        from os.path import join

        import pandas as pd

        from flowkit import current

        if True:
            import json.decoder
        try:
            import nothing_there
        except ImportError:
            import fallback_module
        if TYPE_CHECKING:
            import only_for_types
        else:
            import really
        print(pd, join, current, json, nothing_there, fallback_module, only_for_types, really)
        self.next(self.work, foreach="items")


class Flow(Base):
    """A flow."""

    alpha = Parameter("alpha", default=0.5)
    when = Parameter("when")

    @environment(vars={"OMP_NUM_THREADS": 1}, fork_safe=True)
    @step
    def work(self) -> None:
        from . import relative

        def helper() -> None:
            import inside_a_function

            print(inside_a_function)

        with open("x"):
            import numpy

        print(relative, helper, numpy)
        self.next(self.join)

    @environment(vars={"A": "1"})
    @step
    def join(self, inputs: Any) -> None:
        import torch

        print(torch)
        self.next({"a": self.apart, "b": self.end}, condition="x")

    @apart(modules=["never"])
    @step
    def apart(self) -> None:
        import never_too

        print(never_too)
        self.next(self.end)

    @step
    def end(self) -> None:
        print()


@pytest.fixture
def spec() -> TaskSpec:
    store = StoreRef("local", "/nowhere")
    return TaskSpec(RunSpec("Flow", "flow.py", "1", store, store, "ada"), "start", "1")


def test_what_is_compiled(registry: Registry) -> None:
    compiled = compile_flow(Flow, registry)
    assert [problem.code for problem in compiled.problems] == ["catch", "join-splits"]
    assert (compiled.name, compiled.file, compiled.flow_class) == ("Flow", __file__, Flow)
    assert [one.name for one in compiled.step_decorators["start"]] == [
        "retry",
        "catch",
        "timeout",
        "resources",
        "resources",
    ]
    assert [one.name for one in compiled.flow_decorators] == ["note"]
    assert [one.attribute for one in compiled.parameters] == ["alpha", "when"]
    assert compiled.constants == {"limit": 3}


def test_attempts_are_the_most_that_is_asked_for(registry: Registry) -> None:
    compiled = compile_flow(Flow, registry)
    start = attempts_of(compiled, "start")
    assert (start.retries, start.fallbacks, start.delay_seconds) == (2, 1, 60)
    assert attempts_of(compiled, "end") == attrs.evolve(start, retries=0, fallbacks=0, delay_seconds=0)


def test_a_planned_task(registry: Registry, spec: TaskSpec) -> None:
    compiled = compile_flow(Flow, registry)
    planned = plan_task(compiled, spec)
    assert (planned.user_attempts, planned.fallback_attempts, planned.retry_delay_seconds) == (3, 1, 60)
    assert planned.timeout_seconds == 65
    assert planned.resources == {"cpu": 2, "memory": 8000, "gpu": 1}
    assert planned.fork_safe
    work = plan_task(compiled, attrs.evolve(spec, step="work"))
    assert (work.fork_safe, work.variables, work.user_attempts) == (True, {"OMP_NUM_THREADS": "1"}, 1)
    assert not plan_task(compiled, attrs.evolve(spec, step="join")).fork_safe
    assert not plan_task(compiled, attrs.evolve(spec, step="apart")).fork_safe
    assert plan_task(compiled, attrs.evolve(spec, attempt=2)).timeout_seconds == 65
    assert plan_task(compiled, attrs.evolve(spec, attempt=3)).timeout_seconds == 0


def test_the_plan_for_deployers(registry: Registry) -> None:
    plan = make_plan(compile_flow(Flow, registry))
    assert (plan.name, plan.file, plan.doc) == ("Flow", __file__, "A flow.")
    assert list(plan.steps) == list(plan.graph.nodes)
    start = plan.steps["start"]
    assert (start.timeout_seconds, start.attempts.retries, start.backend) == (65, 2, "local")
    assert plan.steps["work"].variables == {"OMP_NUM_THREADS": "1"}
    assert [one.name for one in plan.parameters] == ["alpha", "when"]
    assert [str(one) for one in plan.decorators] == ["@note(text='of the base')"]


def test_modules_that_steps_import(registry: Registry) -> None:
    compiled = compile_flow(Flow, registry, ['named:modules=["from_a_decorator"]'])
    found = imported_modules(Flow, compiled.graph, skip=["join", "apart"])
    assert found == (
        "os.path",
        "pandas",
        "flowkit",
        "json.decoder",
        "nothing_there",
        "fallback_module",
        "really",
        "numpy",
    )
    assert preload_modules(compiled) == (*found, "from_a_decorator")


def test_graph_info_is_plain(registry: Registry) -> None:
    info = graph_info(compile_flow(Flow, registry))
    assert json.loads(json.dumps(info)) == info
    assert (info["start_step"], info["end_step"], info["doc"]) == ("start", "end", "A flow.")
    assert info["parameters"] == [{"name": "alpha", "type": "Parameter"}, {"name": "when", "type": "Parameter"}]
    assert info["constants"] == [{"name": "limit", "type": "int"}]
    start = info["steps"]["start"]
    assert (start["type"], start["next"], start["foreach_artifact"], start["matching_join"], start["doc"]) == (
        "split-foreach",
        ["work"],
        "items",
        "join",
        "Begin.",
    )
    assert start["decorators"][0] == {
        "name": "retry",
        "attributes": {"times": 2, "minutes_between_retries": 1},
        "statically_defined": True,
        "inserted_by": None,
    }
    assert info["steps"]["join"]["switch_cases"] == {"a": "apart", "b": "end"}
    assert info["decorators"][0]["attributes"] == {"text": "of the base"}


def test_the_structure_in_graph_info(registry: Registry) -> None:
    class Shape(FlowSpec):
        @step
        def start(self) -> None:
            self.next(self.a, self.b)

        @step
        def a(self) -> None:
            self.next(self.each, foreach="x")

        @step
        def each(self) -> None:
            self.next(self.a_join)

        @step
        def a_join(self, inputs: Any) -> None:
            self.next(self.join)

        @step
        def b(self) -> None:
            self.next(self.c)

        @step
        def c(self) -> None:
            self.next(self.join)

        @step
        def join(self, inputs: Any) -> None:
            self.next(self.head)

        @step
        def head(self) -> None:
            self.next(self.choose)

        @step
        def choose(self) -> None:
            self.next({"again": self.head, "done": self.end}, condition="x")

        @step
        def end(self) -> None:
            print()

    compiled = compile_flow(Shape, registry)
    check(compiled)
    assert graph_info(compiled)["graph_structure"] == [
        "start",
        [["a", [["each"]], "a_join"], ["b", "c"]],
        "join",
        "head",
        "choose",
        [[]],
        "end",
    ]


def test_plugins_and_decorators_find_problems_too(registry: Registry) -> None:
    @note(text="bad")
    class Refused(Base):
        @step
        def work(self) -> None:
            self.next(self.join)

        @step
        def join(self, inputs: Any) -> None:
            self.next(self.end)

        @step
        def end(self) -> None:
            print()

    compiled = compile_flow(Refused, registry)
    assert sorted(problem.code for problem in compiled.problems) == ["bad-note", "catch", "refused"]
    assert [one.attributes["text"] for one in compiled.flow_decorators] == ["bad"]


def test_compiling_needs_neither_inspect_nor_click() -> None:
    import subprocess

    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import flowkit.compile.compiler, flowkit.compile.plan, flowkit.compile.graph_info\n"
        "print(sorted({'click', 'rich', 'difflib', 'subprocess', 'pluggy'} & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
