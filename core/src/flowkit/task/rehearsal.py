"""Attempts of nothing, in a process that will fork real ones.

What a forked process touches first costs it a copied page each: code that Python adapts to its use while it runs the
first eight times or so, tables of methods that were looked up, functions of the C library that were never called. The
parent of tasks goes through a whole attempt a few times, so that its children find all of that done.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import TYPE_CHECKING

import attrs

from flowkit.artifacts.store import ArtifactStore
from flowkit.authoring.binding import NextCall
from flowkit.authoring.current import current
from flowkit.interfaces.datastore import Datastore
from flowkit.model.artifact import Manifest
from flowkit.model.task import ForeachFrame, InputRef, StoreRef, TaskSpec
from flowkit.task.attempt import Attempt
from flowkit.task.context import AttemptContext

if TYPE_CHECKING:
    from flowkit.compile.compiler import CompiledFlow
    from flowkit.interfaces.step_decorator import StepDecorator
    from flowkit.kernel.registry import Registry

__all__ = ["rehearse"]

#: The artifact that the attempts read, change and store.
_ARTIFACT = "rehearsed"


def rehearse(spec: TaskSpec, compiled: CompiledFlow, registry: Registry, *, rounds: int) -> None:
    """Run attempts that are like ``spec``'s but for the user's code and decorators, over a scratch store.

    Does nothing where the datastore has none that needs no connection.
    """
    datastore: Datastore = registry.get("datastores", spec.run.datastore.name).open(spec.run.datastore.root)
    scratch = datastore.scratch()
    if scratch is None:
        return
    try:
        spec = _over(scratch, spec)
        for _ in range(rounds):
            outcome = _Rehearsal(spec, compiled, registry, lambda _: None, {}).run()
            pickle.loads(pickle.dumps(("outcome", 0, outcome), protocol=5))  # noqa: S301
    finally:
        current._clear()
        scratch.close()


def _over(scratch: Datastore, spec: TaskSpec) -> TaskSpec:
    """The specification with everything that it reads replaced by something in the scratch store."""
    run = attrs.evolve(spec.run, datastore=StoreRef(spec.run.datastore.name, scratch.root), origin_run_id=None)
    store = ArtifactStore(scratch, run.flow)
    entries = {_ARTIFACT: store.save(_ARTIFACT, 0)}
    key = store.write_manifest(Manifest(run.flow, run.run_id, "rehearsal", "0", 0, entries))
    before = InputRef("rehearsal", "0", 0, key)
    items = store.save_items(_ARTIFACT, [0])
    frames = tuple(_framed(frame, attrs.evolve(frame, index=0, items=items)) for frame in spec.frames)
    return attrs.evolve(spec, run=run, inputs=(before,), inputs_blob=None, frames=frames)


def _framed(frame: ForeachFrame, replaced: ForeachFrame) -> ForeachFrame:
    return frame if frame.items is None else replaced


class _Rehearsal(Attempt):
    """In place of the step's body: what most of them do."""

    def _decorators(self) -> Sequence[StepDecorator]:
        return ()

    def _initialize(self, context: AttemptContext) -> None:
        """Nothing: an ``__init__`` of the flow is the user's code."""

    def _call_method(self, context: AttemptContext) -> None:
        flow, node = context.flow, self._compiled.graph[self._spec.step]
        if context.inputs is None:
            flow.rehearsed = (flow.rehearsed, flow.input)
        else:
            flow.rehearsed = [each.rehearsed for each in context.inputs]
        if node.type == "linear" or node.is_join:
            flow.next(*(getattr(flow, name) for name in node.out_funcs))
        else:
            self._binding.next_call = NextCall(tuple(node.out_funcs))
