"""The inputs of a join, and merge_artifacts."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from flowkit import Config, ConfigValue, FlowSpec, step
from flowkit.authoring.binding import TaskBinding, own_artifacts
from flowkit.authoring.inputs import Inputs
from flowkit.errors import MergeArtifactsError, MissingInMergeArtifacts, UnhandledInMergeArtifacts
from support.bound_flow import Artifacts, an_input, frame, in_step


class Flow(FlowSpec):
    @step
    def start(self) -> None:
        self.next(self.a, self.b)

    @step
    def a(self) -> None:
        self.next(self.join)

    @step
    def b(self) -> None:
        self.next(self.join)

    @step
    def join(self, inputs: Inputs) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        print("end")

    @property
    def twice(self) -> Any:
        return 2 * self.x

    def times(self, number: int) -> Any:
        return number * self.x


def joining(
    a: dict[str, Any], b: dict[str, Any], read_only: dict[str, Any] | None = None
) -> tuple[Flow, TaskBinding, Inputs, list[Artifacts]]:
    (first, one), (second, two) = an_input("a", a), an_input("b", b, "2")
    inputs = Inputs([first, second])
    flow, binding, _ = in_step(Flow, "join", read_only=read_only, inputs=inputs)
    return flow, binding, inputs, [one, two]


def test_inputs_by_place_name_and_in_order() -> None:
    _, _, inputs, (one, two) = joining({"x": 1}, {"x": 2, "entries": 3, "load": 4})
    assert (inputs[0].x, inputs[-1].x, inputs.a.x, inputs.b.x) == (1, 2, 1, 2)
    assert [task.x for task in inputs] == [1, 2]
    assert (len(inputs), len(inputs[:1]), inputs.flows) == (2, 1, list(inputs))
    assert (inputs.b.entries, inputs.b.load) == (3, 4)
    assert one.loads == ["x"]
    assert two.loads == ["x", "entries", "load"]


def test_what_an_input_lacks_is_named_with_what_is_near() -> None:
    _, _, inputs, _ = joining({"score": 1}, {})
    with pytest.raises(AttributeError, match=r"task a/1 has no artifact 'scor'; did you mean score\?"):
        _ = inputs.a.scor
    with pytest.raises(
        AttributeError, match=r"no input from a step 'score'; its inputs come from: a, b\. .*inputs\[0\]"
    ):
        _ = inputs.score
    assert not hasattr(inputs.b, "score")


def test_an_input_has_its_place_in_the_foreach_and_the_flow_s_methods() -> None:
    frames = (frame("start", 3, 5),)
    task, _ = an_input("work", {"x": 4}, frames=frames, load_item=lambda one: "item", flow_class=Flow)
    assert (task.index, task.input, task.foreach_stack()) == (3, "item", [(3, 5, "item")])
    assert (task.twice, task.times(3)) == (8, 12)
    outside, _ = an_input("work", {})
    assert (outside.index, outside.input, outside.foreach_stack()) == (None, None, [])


class Configured(Flow):
    config = Config("config")
    plain = Config("plain", plain=True)


def test_an_input_shows_configurations_as_the_flow_does() -> None:
    stored = {"config": {"model": {"depth": 3}}, "plain": {"depth": 3}}
    task, artifacts = an_input("work", stored, flow_class=Configured)
    assert task.config.model.depth == 3
    assert (type(task.config), type(task.plain)) == (ConfigValue, dict)
    assert artifacts.loads == ["config", "plain"]


def test_an_input_passes_for_a_flow() -> None:
    task, _ = an_input("work", {"x": 4}, flow_class=Flow)
    assert isinstance(task, Flow)
    assert (task.name, task.script_name) == ("Flow", Path(__file__).name)
    assert list(task._graph.nodes) == ["start", "a", "b", "join", "end"]
    assert {"x", "times", "foreach_stack"} <= set(dir(task))
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(task)
    outside, _ = an_input("work", {})
    assert not isinstance(outside, FlowSpec)


def test_merging_takes_what_agrees_by_reference_and_loads_nothing() -> None:
    flow, binding, inputs, stores = joining({"x": [1], "only_a": 1, "p": 1}, {"x": [1], "only_b": 2, "p": 1}, {"p": 1})
    flow.merge_artifacts(inputs)
    assert sorted(binding.merged) == ["only_a", "only_b", "x"]
    assert own_artifacts(flow) == {}
    assert [store.loads for store in stores] == [[], []]
    assert (flow.x, flow.only_b) == ([1], 2)
    assert binding.loaded == {"x", "only_b"}
    del flow.only_a
    assert not hasattr(flow, "only_a")
    assert "only_a" in binding.deleted


def test_a_conflict_leaves_all_as_it_was() -> None:
    flow, binding, inputs, _ = joining({"x": 1, "y": 1, "z": 0}, {"x": 2, "y": 2, "z": 0})
    with pytest.raises(UnhandledInMergeArtifacts, match=r"step 'join' can't merge x, y: .* different values") as caught:
        flow.merge_artifacts(inputs)
    assert caught.value.artifact_names == ["x", "y"]
    assert binding.merged == {}
    assert not hasattr(flow, "z")


def test_values_already_set_win() -> None:
    flow, binding, inputs, _ = joining({"x": 1, "y": 1}, {"x": 2, "y": 1})
    flow.x = 3
    flow.merge_artifacts(inputs)
    assert (flow.x, flow.y) == (3, 1)
    assert list(binding.merged) == ["y"]


def test_exclude_and_include() -> None:
    flow, binding, inputs, _ = joining({"x": 1, "y": 1, "z": 1}, {"x": 2, "y": 1, "z": 1})
    flow.merge_artifacts(inputs, exclude=["x"])
    assert sorted(binding.merged) == ["y", "z"]
    flow, binding, inputs, _ = joining({"x": 1, "y": 1}, {"x": 2, "y": 1})
    flow.merge_artifacts(inputs, include=["y"])
    assert sorted(binding.merged) == ["y"]
    with pytest.raises(MissingInMergeArtifacts, match="include nothing, which no input has") as caught:
        flow.merge_artifacts(inputs, include=["nothing", "y"])
    assert caught.value.artifact_names == ["nothing"]
    with pytest.raises(MergeArtifactsError, match="exclude or include, not both"):
        flow.merge_artifacts(inputs, exclude=["x"], include=["y"])


def test_some_of_the_inputs_can_be_merged() -> None:
    flow, _, inputs, _ = joining({"x": 1}, {"x": 2})
    flow.merge_artifacts([inputs.b])
    assert flow.x == 2


def test_only_a_join_merges_and_only_inputs() -> None:
    flow, _, _ = in_step(Flow, "a")
    with pytest.raises(MergeArtifactsError, match="step 'a', which isn't a join"):
        flow.merge_artifacts([])
    with pytest.raises(MergeArtifactsError, match="where no step runs"):
        Flow(use_cli=False).merge_artifacts([])
    joined, _, _, _ = joining({}, {})
    with pytest.raises(MergeArtifactsError, match="takes the join's inputs, not dict"):
        joined.merge_artifacts([{}])
