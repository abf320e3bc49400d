"""How far a run is, step by step: counts, with no display."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from flowkit.model.task import TaskOutcome

__all__ = ["RunProgress", "StepProgress"]


@attrs.define
class StepProgress:
    """One step's tasks. Times are seconds since the epoch."""

    name: str
    #: Tasks that there are so far; more may come.
    known: int = 0
    done: int = 0
    running: int = 0
    failed: int = 0
    #: Attempts that failed and were followed by another.
    retried: int = 0
    #: Of those done, the ones taken from an earlier run.
    cloned: int = 0
    started_at: float | None = None
    ended_at: float | None = None

    @property
    def is_active(self) -> bool:
        """Whether something runs, or has failed."""
        return self.running > 0 or self.failed > 0

    def elapsed(self, now: float) -> float | None:
        """Seconds from the first start to the last end, or to now while something runs; None before."""
        if self.started_at is None:
            return None
        end = now if self.running or self.ended_at is None else self.ended_at
        return max(end - self.started_at, 0.0)


class RunProgress:
    """All steps of a run, in the graph's order."""

    def __init__(self, steps: Iterable[str]) -> None:
        self.steps = {name: StepProgress(name) for name in steps}

    def queued(self, step: str, count: int) -> None:
        """More tasks are known."""
        self._step(step).known += count

    def cloned(self, step: str, count: int) -> None:
        """Tasks were taken from an earlier run; they were queued before."""
        progress = self._step(step)
        progress.cloned += count
        progress.done += count

    def started(self, step: str, now: float) -> None:
        """An attempt runs."""
        progress = self._step(step)
        progress.running += 1
        if progress.started_at is None:
            progress.started_at = now

    def ended(self, step: str, outcome: TaskOutcome, will_retry: bool, now: float) -> None:
        """An attempt is over."""
        progress = self._step(step)
        progress.running = max(progress.running - 1, 0)
        progress.ended_at = now
        if outcome.status == "succeeded":
            progress.done += 1
        elif will_retry:
            progress.retried += 1
        elif outcome.status != "cancelled":
            progress.failed += 1

    @property
    def tasks_done(self) -> int:
        """Tasks done, of all steps."""
        return sum(step.done for step in self.steps.values())

    @property
    def tasks_known(self) -> int:
        """Tasks that there are so far, of all steps."""
        return sum(step.known for step in self.steps.values())

    @property
    def tasks_cloned(self) -> int:
        """Tasks taken from an earlier run."""
        return sum(step.cloned for step in self.steps.values())

    def visible(self, limit: int) -> list[StepProgress]:
        """At most ``limit`` steps in order: those that are active, then those begun last, then those that come next."""
        steps = list(self.steps.values())
        if len(steps) <= limit:
            return steps
        last = max((number for number, step in enumerate(steps) if step.known), default=0)

        def rank(number: int) -> tuple[bool, int]:
            return (not steps[number].is_active, abs(number - last))

        chosen = sorted(sorted(range(len(steps)), key=rank)[: max(limit, 0)])
        return [steps[number] for number in chosen]

    def _step(self, name: str) -> StepProgress:
        return self.steps.setdefault(name, StepProgress(name))
