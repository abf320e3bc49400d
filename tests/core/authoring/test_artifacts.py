"""Attributes of a flow are artifacts."""

from __future__ import annotations

import pickle
from typing import Any, ClassVar

import pytest

from flowkit import FlowSpec, Parameter, step
from flowkit.authoring.binding import own_artifacts
from flowkit.authoring.constants import class_constants
from flowkit.authoring.flowspec import make_instance
from flowkit.authoring.inputs import Inputs
from support.bound_flow import an_input, in_step


class Base(FlowSpec):
    limits: ClassVar[list[int]] = [1, 2]
    _hidden = 3

    @property
    def doubled(self) -> int:
        return 2 * int(self.count)

    def helper(self) -> int:
        return 1

    class Nested:
        pass


class Linear(Base):
    seed = 7
    alpha = Parameter("alpha", default=0.5)

    @step
    def start(self) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        print("end")


class Joining(FlowSpec):
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


def test_an_inherited_artifact_is_loaded_once_and_only_when_it_is_used() -> None:
    flow, binding, artifacts = in_step(Linear, "end", {"count": 2, "other": 3})
    assert artifacts.loads == []
    assert flow.count == 2
    assert flow.count == 2
    assert artifacts.loads == ["count"]
    assert binding.loaded == {"count"}


def test_an_object_changed_in_place_is_still_one_that_was_loaded() -> None:
    flow, binding, _ = in_step(Linear, "end", {"items": [1]})
    flow.items.append(2)
    assert own_artifacts(flow) == {"items": [1, 2]}
    assert binding.loaded == {"items"}


def test_an_assigned_object_is_no_loaded_one_however_it_was_assigned() -> None:
    flow, binding, _ = in_step(Linear, "end", {"a": 1, "b": 2, "c": 3})
    assert (flow.a, flow.b, flow.c) == (1, 2, 3)
    flow.a = 10
    vars(flow).update(b=20)
    assert own_artifacts(flow) == {"a": 10, "b": 20, "c": 3}
    assert binding.loaded == {"c"}


def test_private_attributes_are_artifacts_and_functions_and_dunder_names_are_not() -> None:
    flow, _, _ = in_step(Linear, "start")
    flow._private = 1
    flow.function = lambda: 1
    flow.method = flow.helper
    flow.value = 2
    setattr(flow, "__internal", 3)
    assert own_artifacts(flow) == {"_private": 1, "value": 2}


def test_a_missing_artifact_names_the_step_and_what_is_near() -> None:
    flow, _, _ = in_step(Linear, "end", {"model_score": 1})
    with pytest.raises(AttributeError, match=r"step 'end' of Linear has no artifact 'model_scor'.*mean model_score\?"):
        _ = flow.model_scor
    assert not hasattr(flow, "model_scor")
    assert getattr(flow, "model_scor", "default") == "default"


class Losing(FlowSpec):
    @step
    def start(self) -> None:
        self.function = lambda: 1
        self.gone = 1
        self.next(self.a, self.b)

    @step
    def a(self) -> None:
        del self.gone
        self.next(self.join)

    @step
    def b(self) -> None:
        self.left = 1
        self.next(self.join)

    @step
    def join(self, inputs: Inputs) -> None:
        self.bound = self.helper
        self.next(self.after)

    @step
    def after(self) -> None:
        self.next(self.end)

    @step
    def end(self) -> None:
        self.own = self.function

    def helper(self) -> None:
        print("helper")


@pytest.mark.parametrize(
    ("step", "name", "said"),
    [
        ("a", "function", r"step 'start' has code that sets self\.function, and nothing was stored; functions"),
        ("after", "bound", "step 'join' has code that sets .* write bound as a method of the class, or set it in this"),
        ("end", "bound", "step 'join' has code that sets"),
        (
            "end",
            "left",
            r"step 'b' has code that sets self.left, and the join 'join' .* self\.merge_artifacts\(inputs\)",
        ),
        ("end", "gone", r"step 'a' has code that deletes self\.gone$"),
        ("end", "own", r"no step before it stored self\.own$"),
        ("end", "helper_", r"no step before it stored self\.helper_$"),
        ("a", "left", r"no step before it stored self\.left$"),
    ],
)
def test_a_missing_artifact_that_a_step_before_sets_is_not_said_to_be_set_nowhere(
    step: str, name: str, said: str
) -> None:
    flow, _, _ = in_step(Losing, step)
    with pytest.raises(AttributeError, match=f"^step '{step}' of Losing has no artifact '{name}': {said}"):
        getattr(flow, name)


def test_a_join_says_that_its_inputs_have_the_artifact() -> None:
    inputs = Inputs([an_input("a", {"x": 1})[0], an_input("b", {"y": 1})[0]])
    flow, _, _ = in_step(Joining, "join", inputs=inputs)
    assert not hasattr(flow, "x")
    with pytest.raises(AttributeError, match=r"its inputs have it \(a\): call self.merge_artifacts\(inputs\)"):
        _ = flow.x
    with pytest.raises(AttributeError, match="none of its inputs has it"):
        _ = flow.z


def test_deleting_an_inherited_artifact_makes_it_gone() -> None:
    flow, binding, _ = in_step(Linear, "end", {"x": 1, "y": 2})
    assert flow.x == 1
    del flow.x
    del flow.y
    assert not hasattr(flow, "x")
    assert not hasattr(flow, "y")
    assert binding.deleted == {"x", "y"}
    assert own_artifacts(flow) == {}
    with pytest.raises(AttributeError, match="deleted in this step"):
        _ = flow.x
    with pytest.raises(AttributeError, match="no artifact 'z'"):
        del flow.z


def test_a_deleted_artifact_can_be_set_again() -> None:
    flow, _, _ = in_step(Linear, "end", {"x": 1})
    del flow.x
    flow.x = 5
    assert own_artifacts(flow) == {"x": 5}
    del flow.x
    assert not hasattr(flow, "x")


def test_parameters_and_constants_are_read_and_never_set() -> None:
    flow, binding, artifacts = in_step(Linear, "end", read_only={"alpha": 0.1, "seed": 9, "limits": [5]})
    assert (flow.alpha, flow.seed, flow.limits) == (0.1, 9, [5])
    assert flow.limits is flow.limits
    assert artifacts.loads == ["alpha", "seed", "limits"]
    for name in ("alpha", "seed", "limits"):
        with pytest.raises(AttributeError, match=name):
            setattr(flow, name, 1)
        with pytest.raises(AttributeError, match=name):
            delattr(flow, name)
    assert own_artifacts(flow) == {}
    assert binding.loaded == set()


def test_constants_of_a_class_stay_what_they_were_for_who_isn_t_in_a_task() -> None:
    in_step(Linear, "end", read_only={"alpha": 0.1, "seed": 9, "limits": [5]})
    assert (Linear.seed, Base.limits, make_instance(Linear).seed) == (7, [1, 2], 7)
    assert class_constants(Linear) == {"limits": [1, 2], "seed": 7}


def test_constants_are_plain_values_only() -> None:
    class Many(Base):
        import os  # a module

        number = 1
        text = "x"
        helper = None  # no method any more, so a constant

        @staticmethod
        def static() -> int:
            return 1

        @classmethod
        def of_class(cls) -> int:
            return 1

        @step
        def start(self) -> None:
            print()

    assert class_constants(Many) == {"limits": [1, 2], "number": 1, "text": "x", "helper": None}


@pytest.mark.parametrize("name", ["name", "index", "input", "script_name", "_graph", "_current_step"])
def test_names_of_flowkit_s_own_can_t_be_set(name: str) -> None:
    flow, _, _ = in_step(Linear, "start")
    with pytest.raises(AttributeError, match=f"self.{name} is FlowKit's own"):
        setattr(flow, name, 1)


def test_a_property_that_lacks_an_artifact_says_which() -> None:
    flow, _, _ = in_step(Linear, "start")
    with pytest.raises(AttributeError, match="no artifact 'count'"):
        _ = flow.doubled
    flow.count = 4
    assert flow.doubled == 8


def test_an_error_while_loading_is_not_taken_for_a_missing_artifact() -> None:
    flow, binding, _ = in_step(Linear, "start", {"x": 1})

    def fail(name: str) -> Any:
        raise KeyError(f"inside the value {name}")

    binding.load = fail
    with pytest.raises(KeyError, match="inside the value"):
        hasattr(flow, "x")


def test_an_instance_that_runs_nothing_has_plain_attributes() -> None:
    flow = Linear(use_cli=False)
    flow.x = 1
    assert flow.x == 1
    del flow.x
    with pytest.raises(AttributeError, match="Linear has no attribute 'x'"):
        _ = flow.x
    with pytest.raises(AttributeError):
        del flow.x
    with pytest.raises(AttributeError):
        pickle.loads(pickle.dumps(flow)).x  # noqa: B018
