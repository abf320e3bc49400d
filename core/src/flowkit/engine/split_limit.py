"""How many items a foreach may have."""

from __future__ import annotations

import attrs

from flowkit.model.artifact import FailureSummary
from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["SplitLimit"]

#: Without a limit, a foreach of more items than this is worth a word: it may be a slip.
_MANY = 100


class SplitLimit:
    """Refuses a split that is too wide.

    Parameters
    ----------
    limit
        The most items; None to refuse none, and to warn of many.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._warned: set[str] = set()

    def applied(self, outcome: TaskOutcome) -> TaskOutcome:
        """The outcome, or a failure in its place if it splits into too many."""
        splits = _splits(outcome)
        if self._limit is None or splits <= self._limit:
            return outcome
        message = f"the foreach has {splits} items, and --max-num-splits allows {self._limit}"
        failure = FailureSummary("flowkit.errors.GraphError", message)
        return attrs.evolve(outcome, status="failed", failure=failure, retryable=False)

    def warning(self, spec: TaskSpec, outcome: TaskOutcome) -> str:
        """What the user should know, once a step; empty if nothing."""
        splits = _splits(outcome)
        if self._limit is not None or splits <= _MANY or spec.step in self._warned:
            return ""
        self._warned.add(spec.step)
        return (
            f"Step {spec.step} starts {splits} tasks, one for each item of its foreach: if that is a slip, press "
            f"Ctrl-C (--max-num-splits {splits} says that it is meant, and refuses more)"
        )


def _splits(outcome: TaskOutcome) -> int:
    transition = outcome.transition
    return 0 if transition is None else transition.num_splits or 0
