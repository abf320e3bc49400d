"""Which of the tasks that could run are begun now, and which wait beside those that run."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from flowkit.interfaces.compute_backend import ComputeBackend
from flowkit.model.event import ScheduledTask
from flowkit.model.task import TaskSpec

__all__ = ["MOST_AHEAD", "Admission"]

#: Tasks that the scheduler gives out beyond the number of workers.
MOST_AHEAD = 8
#: Tasks that end sooner are worth being begun without a way through the launching process.
_BRIEF_SECONDS = 0.1
_BRIEF_IN_A_ROW = 8


class Admission:
    """Keeps the number of workers, and lets a few more tasks wait with the backend while tasks are brief.

    A task that waits there is recorded as begun already, which is nearly true of brief ones alone.

    Parameters
    ----------
    workers
        How many tasks run at once.
    """

    def __init__(self, workers: int, backends: Collection[ComputeBackend]) -> None:
        self._workers = workers
        self._backends = backends
        self._waiting: deque[ScheduledTask] = deque()
        self._brief = 0

    def add(self, task: ScheduledTask) -> None:
        """Take a task that could run."""
        self._waiting.append(task)

    def next(self, active: int) -> ScheduledTask | None:
        """The next task to be begun while ``active`` others are; None if it has to wait."""
        if not self._waiting:
            return None
        task = self._waiting[0]
        if active < self._workers or _is_follower(task) or active < self._workers + self._ahead():
            return self._waiting.popleft()
        return None

    def is_ahead(self, running: int, spec: TaskSpec) -> bool:
        """Whether an attempt is to wait with its backend until one of those that run has ended."""
        return running >= self._workers and not _is_together(spec)

    def ended(self, seconds: float) -> None:
        """Learn how long an attempt took."""
        self._brief = self._brief + 1 if seconds < _BRIEF_SECONDS else 0

    def give_up(self) -> list[str]:
        """Ids of the tasks that aren't to be begun any more."""
        waiting = [task.id for task in self._waiting]
        self._waiting.clear()
        return waiting

    def _ahead(self) -> int:
        if self._brief < _BRIEF_IN_A_ROW:
            return 0
        return min([MOST_AHEAD, *(backend.lookahead() for backend in self._backends)])


def _is_follower(task: ScheduledTask) -> bool:
    """Whether it is of a ``num_parallel`` split, and the first of those has been begun."""
    return task.frame is not None and task.frame.group.parallel and task.frame.index > 0


def _is_together(spec: TaskSpec) -> bool:
    """Whether it is of a ``num_parallel`` split, whose tasks wait for each other."""
    return bool(spec.frames) and not spec.frames[-1].variable
