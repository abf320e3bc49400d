"""A FlowSpec instance joined to a task whose inherited artifacts are in a dict: no process, no store."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flowkit.authoring.binding import TaskBinding, bind
from flowkit.authoring.flowspec import FlowSpec, make_instance
from flowkit.authoring.inputs import Input, Inputs
from flowkit.compile.graph_builder import graph_of
from flowkit.model.artifact import ArtifactEntry, BlobRef, ItemsRef
from flowkit.model.task import ForeachFrame

Flow = TypeVar("Flow", bound=FlowSpec)


class Artifacts:
    """Stored values; tells what was loaded."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.stored = {name: pickle.dumps(value) for name, value in values.items()}
        self.loads: list[str] = []

    def load(self, name: str) -> Any:
        self.loads.append(name)
        return pickle.loads(self.stored[name])

    def entries(self) -> Mapping[str, ArtifactEntry]:
        return {
            name: ArtifactEntry("t", "pickle", len(data), hashlib.sha256(data).hexdigest(), inline=data)
            for name, data in self.stored.items()
        }


def in_step(
    flow_class: type[Flow],
    step: str,
    values: Mapping[str, Any] | None = None,
    *,
    read_only: Mapping[str, Any] | None = None,
    frames: tuple[ForeachFrame, ...] = (),
    load_item: Callable[[ForeachFrame], Any] | None = None,
    inputs: Inputs | None = None,
) -> tuple[Flow, TaskBinding, Artifacts]:
    """An instance in ``step``, what joins it to its task, and what it inherited."""
    artifacts = Artifacts({**(values or {}), **(read_only or {})})
    binding = TaskBinding(
        graph=graph_of(flow_class),
        step=step,
        load=artifacts.load,
        names=artifacts.stored.keys,
        read_only=frozenset(read_only or ()),
        frames=frames,
        load_item=load_item,
        inputs=inputs,
    )
    flow = make_instance(flow_class)
    bind(flow, binding)
    return flow, binding, artifacts


def an_input(step: str, values: Mapping[str, Any], task_id: str = "1", **more: Any) -> tuple[Input, Artifacts]:
    """One input of a join, and what it has."""
    artifacts = Artifacts(values)
    return Input(step, task_id, artifacts.load, artifacts.entries, **more), artifacts


def frame(step: str, index: int, num_splits: int | None, *, has_items: bool = True) -> ForeachFrame:
    """One level of a foreach."""
    items = ItemsRef(BlobRef("0" * 64, 1), num_splits or 0) if has_items else None
    return ForeachFrame(step, "1", "items", index, num_splits, items)
