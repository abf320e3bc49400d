"""What tools and steps read of a FlowSpec."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from flowkit import FlowSpec, step
from flowkit.authoring.flowspec import make_instance, steps_of
from flowkit.authoring.inputs import Inputs
from flowkit.errors import CommandError, InvalidDecorator
from support.bound_flow import frame, in_step


class Flow(FlowSpec):
    """Two steps."""

    def __init__(self, needed: int) -> None:
        raise AssertionError(f"never called by tools: {needed}")

    @step
    def start(self) -> None:
        self.items = [1]
        self.next(self.work, foreach="items")

    @step
    def work(self) -> None:
        self.next(self.join)

    @step
    def join(self, inputs: Inputs) -> None:
        self.next(self.finish)

    @step(end=True)
    def finish(self) -> None:
        print("done")


class Plain(FlowSpec):
    @step
    def start(self) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        print("done")


def test_an_instance_for_tools() -> None:
    flow = Plain(use_cli=False)
    assert flow.name == "Plain"
    assert flow.script_name == Path(__file__).name
    assert list(flow) == [Plain.start, Plain.end]
    assert flow._graph["start"].out_funcs == ("end",)
    assert flow._graph["end"].in_funcs == ("start",)
    assert flow._graph is flow._graph
    assert flow._current_step is None
    assert (flow.index, flow.input, flow.foreach_stack()) == (None, None, [])


def test_tools_don_t_run_the_author_s_own_init() -> None:
    assert make_instance(Flow).name == "Flow"


@pytest.mark.parametrize(("variable", "called"), [(None, "cli"), ("a-task", "task")])
def test_an_instance_in_a_script_starts_the_command_line_or_the_task(
    variable: str | None, called: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, type]] = []
    for name, module, function in (("cli", "cli.main", "run_flow"), ("task", "task.main", "run_flow_task")):
        stand_in = types.ModuleType(f"flowkit.{module}")
        setattr(stand_in, function, lambda flow, name=name: calls.append((name, flow)))
        monkeypatch.setitem(sys.modules, f"flowkit.{module}", stand_in)
    if variable:
        monkeypatch.setenv("FLOWKIT_TASK", variable)
    Plain()
    assert calls == [(called, Plain)]


def test_position_in_nested_foreaches() -> None:
    loads: list[str] = []

    def load_item(one: object) -> str:
        loads.append(getattr(one, "step", ""))
        return f"item of {getattr(one, 'step', '')}"

    frames = (frame("start", 2, 3), frame("work", 0, None), frame("wide", 4, 5, has_items=False))
    flow, _, _ = in_step(Flow, "work", frames=frames, load_item=load_item)
    assert (flow.index, flow.input, flow._current_step) == (4, 4, "work")
    assert flow.foreach_stack() == [(2, 3, "item of start"), (0, None, "item of work"), (4, 5, 4)]
    assert flow.foreach_stack()[0] == (2, 3, "item of start")
    assert loads == ["start", "work"]


def test_steps_are_found_in_bases_and_overridden() -> None:
    class Derived(Plain):
        @step
        def extra(self) -> None:
            self.next(self.end)

        def start(self) -> None:  # type: ignore[override]
            """No step any more."""

    assert list(steps_of(Derived)) == ["end", "extra"]


@pytest.mark.parametrize("wrong", [Plain, 3, "text", staticmethod(print)])
def test_only_methods_are_steps(wrong: object) -> None:
    with pytest.raises(InvalidDecorator, match="@step decorates a method"):
        step(wrong)  # type: ignore[call-overload]


def test_cmd_runs_a_command_with_files(tmp_path: Path) -> None:
    flow = Plain(use_cli=False)
    source, target = str(tmp_path / "in"), str(tmp_path / "out")
    assert flow.cmd(f"cp {source} {target}", {source: "text"}, [target]) == b"text"
    assert flow.cmd("true", {}, [source, target]) == [b"text", b"text"]
    with pytest.raises(CommandError, match=r"'exit 3' ended with exit code 3"):
        flow.cmd("exit 3")
