"""The decorator that makes a method a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, overload

import attrs

from flowkit.errors import InvalidDecorator

__all__ = ["StepMark", "mark_of", "step"]

StepFunction = TypeVar("StepFunction", bound=Callable[..., Any])

_ATTRIBUTE = "__flowkit_step__"


@attrs.frozen
class StepMark:
    """That a function is a step, and whether the flow begins or ends with it."""

    start: bool = False
    end: bool = False


@overload
def step(function: StepFunction, /) -> StepFunction: ...
@overload
def step(*, start: bool = False, end: bool = False) -> Callable[[StepFunction], StepFunction]: ...
def step(function: Any = None, /, *, start: bool = False, end: bool = False) -> Any:
    """Make a method of a FlowSpec a step.

    Parameters
    ----------
    start
        The flow begins here. Without it, the step named ``start`` is the first.
    end
        The flow ends here. Without it, the step named ``end`` is the last.

    Examples
    --------
    >>> class Hello(FlowSpec):
    ...     @step
    ...     def start(self):
    ...         self.next(self.end)
    ...
    ...     @step
    ...     def end(self):
    ...         print("done")
    """
    if function is None:
        return lambda decorated: _mark(decorated, StepMark(start, end))
    return _mark(function, StepMark(start, end))


def _mark(function: Any, mark: StepMark) -> Any:
    if not callable(function) or isinstance(function, type | staticmethod | classmethod):
        raise InvalidDecorator(f"@step decorates a method of a FlowSpec, not {function!r}")
    setattr(function, _ATTRIBUTE, mark)
    return function


def mark_of(value: Any) -> StepMark | None:
    """The mark of a step's function; None for anything else."""
    mark = getattr(value, _ATTRIBUTE, None) if callable(value) else None
    return mark if isinstance(mark, StepMark) else None
