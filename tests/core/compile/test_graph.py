"""Graphs of valid flows."""

from __future__ import annotations

import functools
import linecache
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flowkit import FlowSpec, retry, step
from flowkit.compile.graph_builder import graph_of, read_graph
from flowkit.compile.graph_checks import graph_problems
from flowkit.model.graph import Graph

ITEMS = "items"


class Everything(FlowSpec):
    """All kinds of steps.

    Indented.
    """

    @step
    def start(self) -> None:
        """The first.

        Of many.
        """
        self.next(self.left, self.right)

    @step
    def left(self) -> None:
        self.next(self.each, foreach=ITEMS)

    @step
    def each(self) -> None:
        self.next(self.inner, foreach="more")

    @retry(
        times=2,
    )
    @step
    def inner(self) -> None:
        text = """
not indented: self.next(self.nowhere)
"""
        print(text)
        self.next({"again": self.inner, "split": self.fan, -1: self.close}, condition="answer")

    @step
    def fan(self) -> None:
        self.next(self.one, self.two)

    @step
    def one(self) -> None:
        self.next(self.fan_join)

    @step
    def two(self) -> None:
        self.next(self.fan_join)

    @step
    def fan_join(self, inputs: Any) -> None:
        self.next(self.close)

    @step
    def close(self) -> None:
        self.next(self.inner_join)

    @step
    def inner_join(self, inputs: Any) -> None:
        self.next(self.after)

    @step
    def after(self) -> None:
        self.next(self.each_join)

    @step
    def each_join(self, inputs: Any) -> None:
        self.next(self.join)

    @step
    def right(self) -> None:
        self.next(self.wide, num_parallel=4)

    @step
    def wide(self) -> None:
        self.next(self.wide_join)

    @step
    def wide_join(self, inputs: Any) -> None:
        self.next(self.join)

    @step
    def join(self, inputs: Any) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        """The last."""


def valid(flow_class: type[FlowSpec]) -> Graph:
    source = read_graph(flow_class)
    assert [str(problem) for problem in graph_problems(source)] == []
    return source.graph


def test_types_and_edges() -> None:
    graph = valid(Everything)
    assert {node.name: node.type for node in graph} == {
        "start": "split",
        "left": "foreach",
        "each": "foreach",
        "inner": "split-switch",
        "fan": "split",
        "one": "linear",
        "two": "linear",
        "fan_join": "join",
        "close": "linear",
        "inner_join": "join",
        "after": "linear",
        "each_join": "join",
        "right": "foreach",
        "wide": "linear",
        "wide_join": "join",
        "join": "join",
        "end": "end",
    }
    assert graph["start"].out_funcs == ("left", "right")
    assert graph["close"].in_funcs == ("fan_join", "inner")
    assert graph["inner"].out_funcs == ("inner", "fan", "close")
    assert dict(graph["inner"].switch_cases) == {"again": "inner", "split": "fan", "-1": "close"}
    assert (graph["inner"].condition, graph["left"].foreach_param, graph["each"].foreach_param) == (
        "answer",
        "items",
        "more",
    )
    assert (graph.start, graph.end, graph.name, graph.file) == ("start", "end", "Everything", __file__)


def test_matching_joins_and_enclosing_splits() -> None:
    graph = valid(Everything)
    joins = {node.name: node.matching_join for node in graph if node.matching_join}
    assert joins == {
        "start": "join",
        "left": "each_join",
        "each": "inner_join",
        "fan": "fan_join",
        "right": "wide_join",
    }
    assert graph["one"].split_parents == ("start", "left", "each", "fan")
    assert graph["fan_join"].split_parents == ("start", "left", "each", "fan")
    assert graph["close"].split_parents == ("start", "left", "each")
    assert graph["inner_join"].split_parents == ("start", "left", "each")
    assert graph["join"].split_parents == ("start",)
    assert graph["end"].split_parents == ()
    inside = {node.name for node in graph if node.is_inside_foreach}
    assert inside == {"each", "inner", "fan", "one", "two", "fan_join", "close", "inner_join", "after", "wide"}


def test_parallel_steps() -> None:
    graph = valid(Everything)
    assert (graph["right"].parallel_foreach, graph["right"].num_parallel) == (True, 4)
    assert [node.name for node in graph if node.parallel_step] == ["wide"]


def test_the_order_is_topological() -> None:
    graph = valid(Everything)
    place = {name: index for index, name in enumerate(graph.nodes)}
    loops = {(node.name, target) for node in graph for target in node.out_funcs if place[target] <= place[node.name]}
    assert loops == {("inner", "inner")}
    assert next(iter(graph)).name == "start"
    assert list(graph.nodes)[:2] == ["start", "left"]


def test_docs_decorators_and_lines() -> None:
    graph = valid(Everything)
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    for node in graph:
        assert node.file == __file__
        assert lines[node.line - 1].strip().startswith(f"def {node.name}(")
    assert graph.doc == "All kinds of steps.\n\nIndented."
    assert graph["start"].doc == "The first.\n\nOf many."
    assert [str(spec) for spec in graph["inner"].decorators] == ["@retry(times=2)"]


def test_a_loop_through_several_steps() -> None:
    class Loop(FlowSpec):
        @step
        def start(self) -> None:
            self.next(self.head)

        @step
        def head(self) -> None:
            self.next(self.a, self.b)

        @step
        def a(self) -> None:
            self.next(self.join)

        @step
        def b(self) -> None:
            self.next(self.join)

        @step
        def join(self, inputs: Any) -> None:
            self.next(self.decide)

        @step
        def decide(self) -> None:
            self.next({"again": self.back, "done": self.end}, condition="answer")

        @step
        def back(self) -> None:
            self.next(self.head)

        @step
        def end(self) -> None:
            print()

    graph = valid(Loop)
    assert graph["head"].in_funcs == ("back", "start")
    assert graph["decide"].split_parents == ()
    assert graph["head"].matching_join == "join"


def test_start_and_end_by_any_name() -> None:
    class Named(FlowSpec):
        @step(start=True)
        def first(self) -> None:
            self.next(self.last)

        @step(end=True)
        def last(self) -> None:
            print()

    graph = valid(Named)
    assert (graph.start, graph.end, graph["first"].type, graph["last"].type) == ("first", "last", "start", "end")


def test_a_flow_of_one_step_by_any_name() -> None:
    class One(FlowSpec):
        @step
        def only(self) -> None:
            print()

    graph = valid(One)
    assert (graph.start, graph.end, graph["only"].type) == ("only", "only", "end")


def test_steps_of_bases_mixins_and_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shared_steps.py").write_text(
        "from flowkit import FlowSpec, step\n"
        "class Ending:\n"
        "    @step\n"
        "    def end(self):\n"
        "        print('shared')\n"
        "class Starting(FlowSpec):\n"
        "    @step\n"
        "    def start(self):\n"
        "        self.next(self.middle)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import shared_steps  # type: ignore[import-not-found]

    class Composed(shared_steps.Starting, shared_steps.Ending):  # type: ignore[misc]
        @step
        def middle(self) -> None:
            self.next(self.end)

    graph = valid(Composed)
    assert list(graph.nodes) == ["start", "middle", "end"]
    assert graph["start"].file == str(tmp_path / "shared_steps.py")
    assert (graph["start"].line, graph["end"].line, graph["middle"].file) == (8, 4, __file__)
    monkeypatch.delitem(sys.modules, "shared_steps")


def test_steps_in_a_notebook_cell() -> None:
    cell = "<ipython-input-1-abc>"
    code = (
        "class Cell(FlowSpec):\n"
        "    @step\n"
        "    def start(self):\n"
        "        self.next(self.end)\n"
        "    @step\n"
        "    def end(self):\n"
        "        pass\n"
    )
    linecache.cache[cell] = (len(code), None, code.splitlines(keepends=True), cell)
    names: dict[str, Any] = {"FlowSpec": FlowSpec, "step": step, "__name__": "a_notebook"}
    exec(compile(code, cell, "exec"), names)
    graph = valid(names["Cell"])
    assert graph["start"].out_funcs == ("end",)
    assert (graph["start"].file, graph["start"].line, graph.file) == (cell, 3, "")


def test_a_decorator_of_the_author_s_own_that_wraps_the_step() -> None:
    def logged(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return wrapper

    class Wrapped(FlowSpec):
        @step
        @logged
        def start(self) -> None:
            self.next(self.join_less)

        @logged
        @step
        def join_less(self) -> None:
            self.next(self.end)

        @step
        def end(self) -> None:
            print()

    graph = valid(Wrapped)
    assert graph["start"].num_args == 1
    assert graph["join_less"].out_funcs == ("end",)


def test_self_may_have_another_name() -> None:
    class Other(FlowSpec):
        @step
        def start(this) -> None:  # noqa: N805
            this.next(this.end)

        @step
        def end(this) -> None:  # noqa: N805
            print()

    assert valid(Other)["start"].out_funcs == ("end",)


def test_a_file_that_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "edited_flow.py"
    text = "from flowkit import FlowSpec, step\nclass F(FlowSpec):\n    @step\n    def {0}(self):\n        self.x = 1\n"
    file.write_text(text.format("start"))
    monkeypatch.syspath_prepend(str(tmp_path))
    import edited_flow  # type: ignore[import-not-found]

    before = edited_flow.F
    assert read_graph(before).steps["start"].has_source
    file.write_text("# a line more\n" + text.format("start"))
    assert not read_graph(before).steps["start"].has_source
    monkeypatch.delitem(sys.modules, "edited_flow")


def test_a_long_flow_needs_no_deep_stack() -> None:
    lines = ["class Long(FlowSpec):"]
    names = ["start", *(f"s{number}" for number in range(1500)), "end"]
    for name, following in zip(names, [*names[1:], None], strict=True):
        lines += [
            "    @step",
            f"    def {name}(self):",
            f"        self.next(self.{following})" if following else "        pass",
        ]
    code, cell = "\n".join(lines), "<long flow>"
    linecache.cache[cell] = (len(code), None, [f"{one}\n" for one in lines], cell)
    namespace: dict[str, Any] = {"FlowSpec": FlowSpec, "step": step, "__name__": "a_long_flow"}
    exec(compile(code, cell, "exec"), namespace)
    assert list(valid(namespace["Long"]).nodes) == names


def test_graph_of_gives_invalid_graphs_too() -> None:
    class Broken(FlowSpec):
        @step
        def start(self) -> None:
            self.next(self.nowhere)

    graph = graph_of(Broken)
    assert (graph["start"].out_funcs, graph["start"].type) == (("nowhere",), "end")
