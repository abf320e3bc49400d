"""Finds the flow and the step that a test means by ``MyFlow.train``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flowkit.authoring.flowspec import FlowSpec
from flowkit.authoring.step import mark_of
from flowkit.errors import CommandError

__all__ = ["find_step"]


def find_step(step: Any, name: str | None) -> tuple[type[FlowSpec], str]:
    """The flow's class and the step's name.

    Parameters
    ----------
    step
        A method of a class or of an instance; or a class.
    name
        Of the step, if ``step`` is a class.

    Raises
    ------
    CommandError
        If ``step`` is neither, or is a method of no flow or of several.
    """
    if isinstance(step, type) and issubclass(step, FlowSpec):
        if name is None:
            raise CommandError(f"which step of {step.__name__}? run_step({step.__name__}, 'start')")
        return step, name
    owner = getattr(step, "__self__", None)
    function = getattr(step, "__func__", step)
    if mark_of(function) is None:
        raise CommandError(f"run_step takes a step, as MyFlow.train, or a flow and a step's name; not {step!r}")
    if isinstance(owner, FlowSpec):
        return type(owner), function.__name__
    if name is not None:
        raise CommandError("a step's name is given after a flow, not after a step: run_step(MyFlow, 'train')")
    found = [one for one in _flows(FlowSpec) if function in vars(one).values()]
    if len(found) != 1:
        what = "is of no flow" if not found else f"is of several flows ({', '.join(one.__name__ for one in found)})"
        raise CommandError(f"the step {function.__qualname__} {what}: give the flow too, run_step(MyFlow, 'train')")
    own = next(key for key, value in vars(found[0]).items() if value is function)
    return found[0], own


def _flows(base: type[FlowSpec]) -> Iterator[type[FlowSpec]]:
    for one in type.__subclasses__(base):
        yield one
        yield from _flows(one)
