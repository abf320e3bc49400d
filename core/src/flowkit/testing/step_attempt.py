"""One attempt of one step in this process, between objects that were given and objects that are returned."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import attrs

from flowkit.artifacts.blobs import Blobs
from flowkit.artifacts.store import ArtifactStore
from flowkit.artifacts.values import pend_value
from flowkit.authoring.binding import TaskBinding, bind, own_artifacts
from flowkit.authoring.current import current
from flowkit.authoring.flowspec import initialize, make_instance
from flowkit.authoring.inputs import Input, Inputs
from flowkit.compile.compiler import CompiledFlow
from flowkit.compile.serializer_checks import chosen_serializers
from flowkit.errors import InvalidNextError, TaskFailed, UnpicklableArtifact
from flowkit.model.task import ForeachFrame, TaskSpec
from flowkit.task.context import AttemptContext
from flowkit.task.current_values import current_values
from flowkit.testing.step_artifacts import GivenArtifacts
from flowkit.testing.step_frames import ForeachLevels
from flowkit.testing.step_result import StepResult

__all__ = ["JoinedTask", "StepAttempt"]


@attrs.frozen
class JoinedTask:
    """One of the tasks that a join joins."""

    step: str
    task_id: str
    artifacts: GivenArtifacts
    frames: tuple[ForeachFrame, ...]
    #: The item of one of ``frames``.
    load_item: Callable[[ForeachFrame], Any]


@attrs.define
class StepAttempt:
    """One attempt.

    Parameters
    ----------
    inherited
        What the step has before its body runs.
    inputs
        What a join joins; None for other steps.
    extras
        More for ``current`` to answer.
    """

    spec: TaskSpec
    compiled: CompiledFlow
    store: ArtifactStore
    inherited: GivenArtifacts
    levels: ForeachLevels
    inputs: Sequence[JoinedTask] | None
    extras: Mapping[str, Any]
    _binding: TaskBinding = attrs.field(init=False)
    _context: AttemptContext = attrs.field(init=False)

    def run(self) -> StepResult:
        """Run the step, as its decorators want it. Raises what they and the step raise."""
        with _surroundings(self.spec):
            self._set_up()
            decorators = sorted(self.compiled.step_decorators.get(self.spec.step, ()), key=lambda one: one.order)
            call: Callable[[], None] = self._body
            for decorator in reversed(decorators):
                call = partial(decorator.around, call, self._context)
            call()
            return self._result()

    def failed_with(self, error: BaseException) -> StepResult:
        """The result of an attempt that raised: with the artifacts that were set before."""
        return attrs.evolve(
            StepResult(self.spec.step, self._artifacts()), exception=error, metadata=self._context.metadata
        )

    @property
    def has_begun(self) -> bool:
        """Whether there is anything to see of it."""
        return hasattr(self, "_context")

    def _set_up(self) -> None:
        flow = make_instance(self.compiled.flow_class)
        self._binding = TaskBinding(
            graph=self.compiled.graph,
            step=self.spec.step,
            load=self.inherited.load,
            names=lambda: self.inherited.values_given.keys() | self.inherited.missing,
            read_only=self.compiled.read_only_names,
            frames=self.spec.frames,
            load_item=self.levels.load_item,
            items=dict(self.levels.items),
            inputs=None if self.inputs is None else Inputs([self._input(one) for one in self.inputs]),
        )
        bind(flow, self._binding)
        current._set(*current_values(self.spec, self.compiled, self.extras))
        self._context = AttemptContext(
            self.spec, self.compiled.graph, flow, self._binding.inputs, current, lambda _: None
        )
        initialize(flow)

    def _input(self, task: JoinedTask) -> Input:
        return Input(
            task.step,
            task.task_id,
            task.artifacts.load,
            lambda: task.artifacts,
            frames=task.frames,
            load_item=task.load_item,
            flow_class=self.compiled.flow_class,
        )

    # --- the step --------------------------------------------------------------------------------------------------

    def _body(self) -> None:
        try:
            self._call_method()
        except BaseException as error:
            self._context.raised = error
            raise
        self._context.raised = None

    def _call_method(self) -> None:
        step = self.spec.step
        arguments = () if self._context.inputs is None else (self._context.inputs,)
        try:
            getattr(self._context.flow, step)(*arguments)
        except SystemExit as error:
            has_gone_on = self._binding.next_call is not None or step == self.compiled.graph.end
            if error.code not in (None, 0) or not has_gone_on:
                raise TaskFailed(f"step {step!r} called sys.exit({error.code!r}) before it was done") from error

    # --- after -----------------------------------------------------------------------------------------------------

    def _result(self) -> StepResult:
        call = self._binding.next_call
        result = StepResult(
            self.spec.step,
            artifacts=self._artifacts(),
            exception=self._context.raised,
            attempts=self.spec.attempt + 1,
            metadata=self._context.metadata,
        )
        if call is None and self.spec.step != self.compiled.graph.end:
            raise InvalidNextError(f"step {self.spec.step!r} ended without a call of self.next")
        self._check_storable()
        if call is None:
            return result
        items = self._items(call.foreach, call.origin) if call.foreach is not None else ()
        return attrs.evolve(
            result,
            next=call.steps,
            foreach=call.foreach,
            items=items,
            num_parallel=call.num_parallel,
            condition=call.condition,
        )

    def _items(self, name: str, origin: str) -> tuple[Any, ...]:
        from flowkit.interfaces.unbounded_foreach import UnboundedForeach

        value = getattr(self._context.flow, name)
        if isinstance(value, UnboundedForeach):
            return ()
        items = tuple(value)
        if not items:
            raise InvalidNextError(f"step {self.spec.step!r} ({origin}): self.{name} is empty, so no task would run")
        return items

    def _artifacts(self) -> dict[str, Any]:
        binding = self._binding
        values = {name: value for name, value in self.inherited.values_given.items() if name not in binding.deleted}
        for name in binding.merged:
            values[name] = binding.inherited(name)
        own = own_artifacts(self._context.flow)
        read_only = binding.read_only & values.keys()
        return {**values, **{name: value for name, value in own.items() if name not in read_only}}

    def _check_storable(self) -> None:
        """What a real task would fail to store is an error here, too. Objects that a test gave may be anything."""
        from flowkit.compile.assignments import where_set

        chosen = chosen_serializers(self.compiled, self.spec.step)
        blobs = Blobs(self.store.datastore, self.spec.run.flow)
        for name, value in own_artifacts(self._context.flow).items():
            if name in self._binding.read_only or self._is_given(value):
                continue
            try:
                pend_value(f"self.{name}", value, blobs, self.store.serializers, chosen.get(name)).discard()
            except UnpicklableArtifact as error:
                if (where := where_set(self.compiled.flow_class, self.spec.step, name)) is not None:
                    error.message = f"{where}: {error.message}"
                raise

    def _is_given(self, value: Any) -> bool:
        sources = [self.inherited, *(task.artifacts for task in self.inputs or ())]
        return any(value is one for source in sources for one in source.values_given.values())


@contextmanager
def _surroundings(spec: TaskSpec) -> Iterator[None]:
    """The environment's variables, and ``current``: as they were, when the attempt is over."""
    variables = dict(os.environ)
    answers = (current._values, current._lazy)
    os.environ.update(spec.variables)
    try:
        yield
    finally:
        if dict(os.environ) != variables:
            for name in set(os.environ) - set(variables):
                del os.environ[name]
            os.environ.update(variables)
        current._values, current._lazy = answers
