"""Tasks that lead to a task, and those it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from flowkit.client.run_context import RunContext
from flowkit.model.artifact import Manifest
from flowkit.model.record import TaskFilter, TaskRecord

__all__ = ["children_of", "parents_of"]


def parents_of(run: RunContext, task: TaskRecord) -> Iterator[TaskRecord]:
    """Inputs of a task, in the order in which it sees them."""
    if task.parents:
        yield from _by_name(run, task.parents)
        return
    # A join of many: its inputs aren't listed, but lie in its own place or one foreach deeper.
    for step in run.previous_steps(task.step):
        found = _in_order(run, TaskFilter(step=step, index_prefix=task.index_path))
        yield from (other for other in found if other.iteration == task.iteration and _depth(other) <= _depth(task) + 1)


def children_of(run: RunContext, task: TaskRecord, manifest: Manifest | None) -> Iterator[TaskRecord]:
    """Tasks that have ``task`` among their inputs."""
    went = manifest.transition.steps if manifest is not None and manifest.transition is not None else None
    name = f"{task.step}/{task.task_id}"
    outer = task.index_path.rpartition("/")[0]
    for step in run.next_steps(task.step) if went is None else went:
        deeper = _in_order(run, TaskFilter(step=step, index_prefix=task.index_path))
        yield from (other for other in deeper if _has_input(other, name))
        if task.index_path:  # a join closes the foreach that this task is in
            joins = _in_order(run, TaskFilter(step=step, index_path=outer))
            yield from (other for other in joins if _has_input(other, name))


def _has_input(task: TaskRecord, name: str) -> bool:
    return name in task.parents if task.parents else True


def _by_name(run: RunContext, names: Sequence[str]) -> Iterator[TaskRecord]:
    by_step: dict[str, list[str]] = {}
    for name in names:
        step, _, task_id = name.partition("/")
        by_step.setdefault(step, []).append(task_id)
    found: dict[str, TaskRecord] = {}
    for step, ids in by_step.items():
        for task in _in_order(run, TaskFilter(step=step, task_ids=tuple(ids))):
            found[f"{step}/{task.task_id}"] = task
    return (found[name] for name in names if name in found)


def _in_order(run: RunContext, where: TaskFilter) -> Iterable[TaskRecord]:
    return run.view.reader.all_tasks(run.flow, run.run_id, where, newest_first=False)


def _depth(task: TaskRecord) -> int:
    return len(task.frames)
