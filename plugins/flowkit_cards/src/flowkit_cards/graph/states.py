"""What is known of the tasks of each step of a run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import attrs

from flowkit_cards.graph.plain import PlainGraph, PlainStep, State

if TYPE_CHECKING:
    from flowkit import Run, Step, Task

__all__ = ["with_states"]

#: Tasks of one step that are looked at: a foreach may have ten thousand, and a card mustn't take longer for it.
_MAX_TASKS = 200


def with_states(graph: PlainGraph, run: Run, here: Task | None = None) -> PlainGraph:
    """The graph with the state of each step, its number of tasks and their time.

    Parameters
    ----------
    here
        A task whose artifacts are stored, so that it counts as done though it isn't recorded so yet.
    """
    ran = {step.id: step for step in run}
    steps = [_known(step, ran[step.name], here) if step.name in ran else _ahead(step) for step in graph.steps]
    return PlainGraph(tuple(steps))


def _ahead(step: PlainStep) -> PlainStep:
    return attrs.evolve(step, state="waiting")


def _known(plain: PlainStep, step: Step, here: Task | None) -> PlainStep:
    tasks = list(islice(step.tasks(), _MAX_TASKS + 1))
    has_more, tasks = len(tasks) > _MAX_TASKS, tasks[:_MAX_TASKS]
    seconds = -1.0
    ends = [ended for task in tasks if (ended := _ended_at(task, here)) is not None]
    if ends and len(ends) == len(tasks):
        seconds = max((max(ends) - min(task.created_at for task in tasks)).total_seconds(), 0.0)
    return attrs.evolve(
        plain,
        state=_state(tasks, here),
        tasks=len(tasks),
        more_tasks=has_more,
        seconds=seconds,
    )


def _ended_at(task: Task, here: Task | None) -> datetime | None:
    if here is not None and task.pathspec == here.pathspec:
        return task.finished_at or datetime.now()
    return task.finished_at


def _state(tasks: Sequence[Task], here: Task | None) -> State:
    left = [task for task in tasks if here is None or task.pathspec != here.pathspec]
    if any(task.finished and task.exception is not None for task in left):
        return "failed"
    return "succeeded" if all(task.finished for task in left) else "running"
