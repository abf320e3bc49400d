"""Runs a flow's mutators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flowkit.authoring.mutators import FlowMutator, StepMutator
from flowkit.compile.draft import FlowDraft, with_object
from flowkit.compile.mutable_flow import MutableFlow
from flowkit.compile.mutable_step import MutableStep, Mutation
from flowkit.compile.problems import located
from flowkit.errors import FlowkitError
from flowkit.model.graph import DecoratorSpec

__all__ = ["run_mutate", "run_pre_mutate"]


def run_pre_mutate(draft: FlowDraft) -> None:
    """Call ``pre_mutate`` of the flow's mutators, then of the steps'; those that are added on the way take part."""
    _make_objects(draft.own, draft, FlowMutator)
    _make_objects(draft.inherited, draft, FlowMutator)
    for spec in _growing(lambda: _from_the_bottom([*draft.own, *draft.inherited])):
        if isinstance(spec.target, FlowMutator):
            _call(draft, spec, None, "pre_mutate", MutableFlow(draft, Mutation(spec, True)))
    for specs in draft.steps.values():
        _make_objects(specs, draft, StepMutator)
    for name in draft.steps:
        for spec in _growing(partial(_of_step, draft, name)):
            if isinstance(spec.target, StepMutator):
                _call(draft, spec, name, "pre_mutate", _step(draft, name, spec, is_early=True))


def run_mutate(draft: FlowDraft) -> None:
    """Call ``mutate`` of the flow's mutators, then of the steps'."""
    for spec in _from_the_bottom([*draft.own, *draft.inherited]):
        if isinstance(spec.target, FlowMutator):
            _call(draft, spec, None, "mutate", MutableFlow(draft, Mutation(spec, False)))
    for name, specs in draft.steps.items():
        _make_objects(specs, draft, StepMutator)
        for spec in _of_step(draft, name):
            if isinstance(spec.target, StepMutator):
                _call(draft, spec, name, "mutate", _step(draft, name, spec, is_early=False))


def _step(draft: FlowDraft, name: str, mutator: DecoratorSpec, *, is_early: bool) -> MutableStep:
    mutation = Mutation(mutator, is_early)
    return MutableStep(draft, name, mutation, MutableFlow(draft, mutation))


def _make_objects(specs: list[DecoratorSpec], draft: FlowDraft, base: type[Any]) -> None:
    """Call ``init``; a decorator for which that fails is left out, and told of."""
    made = []
    for spec in specs:
        if isinstance(spec.target, type) and issubclass(spec.target, base):
            try:
                made.append(with_object(spec))
            except FlowkitError as error:
                draft.problems.append(located(error.message, spec.origin, "bad-decorator"))
        else:
            made.append(spec)
    specs[:] = made


def _from_the_bottom(specs: list[DecoratorSpec]) -> list[DecoratorSpec]:
    """In the order in which Python applies decorators: those of bases first, then from the bottom to the top."""
    return specs[::-1]


def _of_step(draft: FlowDraft, name: str) -> list[DecoratorSpec]:
    return _from_the_bottom(draft.steps[name])


def _growing(specs: Callable[[], list[DecoratorSpec]]) -> Iterator[DecoratorSpec]:
    """Each spec once, those that are added meanwhile too."""
    seen: set[int] = set()
    while True:
        following = next((spec for spec in specs() if id(spec) not in seen), None)
        if following is None:
            return
        seen.add(id(following))
        yield following


def _call(draft: FlowDraft, spec: DecoratorSpec, step: str | None, method: str, mutable: Any) -> None:
    try:
        getattr(spec.target, method)(mutable)
    except FlowkitError as error:
        text = f"@{spec.name}: its {method}: {error.message}"
        draft.problems.append(located(text, spec.origin, "mutator-failed", step))
    except Exception as error:
        text = f"@{spec.name}: its {method} raised {type(error).__name__}: {error}{_where(error)}"
        draft.problems.append(located(text, spec.origin, "mutator-failed", step))


def _where(error: Exception) -> str:
    """The line that raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
