"""Which attempt of which task is to be opened."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

import attrs

from flowkit.client.source import Source, source_of
from flowkit.errors import InvalidPathspec, NotFound
from flowkit.model.record import Page, RunRecord, TaskFilter, TaskRecord

__all__ = ["Target", "find_target"]

#: How an attempt's task is named.
_FORM = "[FLOW/]RUN[/STEP[/TASK]]"
#: So many of what exists are named where nothing is found.
_SHOWN = 3


@attrs.frozen
class Target:
    """One attempt, where it is recorded, and the task that its inputs are known of."""

    source: Source
    run: RunRecord
    task: TaskRecord
    attempt: int
    #: The task itself; of one that ``spin`` ran, the task that it repeated.
    inputs_source: Source
    inputs_run: RunRecord
    inputs_task: TaskRecord

    @property
    def pathspec(self) -> str:
        """``Flow/run/step/task``."""
        return f"{self.task.flow}/{self.task.run_id}/{self.task.step}/{self.task.task_id}"


def find_target(source: Source, text: str, attempt: int | None) -> Target:
    """The attempt that a user named.

    Parameters
    ----------
    text
        ``[FLOW/]RUN[/STEP[/TASK]]``. Without a task it is the latest that failed, else, of a step, the latest.
    attempt
        Its number; the latest if it isn't given.

    Raises
    ------
    InvalidPathspec, NotFound
    """
    run, rest = _find_run(source, text)
    task = _find_task(source, run, *rest)
    if attempt is not None and attempt > task.attempt:
        raise NotFound(
            f"{run.flow}/{run.run_id}/{task.step}/{task.task_id} has no attempt {attempt}: its last is {task.attempt}"
        )
    found = Target(source, run, task, task.attempt if attempt is None else attempt, source, run, task)
    return found if "spin" not in run.info else _of_spin(found)


def _find_run(source: Source, text: str) -> tuple[RunRecord, list[str]]:
    parts = text.strip("/").split("/")
    if not all(parts) or len(parts) > 4:
        raise InvalidPathspec(f"{text!r} is not of the form {_FORM}")
    flows = source.reader.flows()
    if parts[0] in flows:
        run = source.reader.run(*parts[:2]) if len(parts) > 1 else next(iter(source.reader.all_runs(parts[0])), None)
        if run is not None:
            return run, parts[2:]
    elif len(parts) < 4:
        for flow in flows:
            if (run := source.reader.run(flow, parts[0])) is not None:
                return run, parts[1:]
    raise NotFound(_nothing_there(source, parts, flows))


def _nothing_there(source: Source, parts: list[str], flows: Collection[str]) -> str:
    text = "/".join(parts)
    if not flows:
        return f"there is no run in {source}"
    if parts[0] in flows:
        known = [run.run_id for run in source.reader.runs(parts[0], page=Page(limit=_SHOWN)).items]
        there = f"the latest are {', '.join(known)}" if known else f"{parts[0]} has no runs there"
        return f"there is no run {'/'.join(parts[:2])} in {source}: {there}"
    latest = ", ".join(f"{run.flow}/{run.run_id}" for run in islice(source.reader.runs_of_all_flows(), _SHOWN))
    return f"there is no run {text!r} in {source}: name one as {_FORM}; the latest are {latest}"


def _find_task(source: Source, run: RunRecord, step: str | None = None, task_id: str | None = None) -> TaskRecord:
    title = f"{run.flow}/{run.run_id}"
    if step is not None and task_id is not None:
        task = source.reader.task(run.flow, run.run_id, step, task_id)
        if task is None:
            raise NotFound(f"{title} has no task {step}/{task_id}")
        return task
    for where in _filters(step):
        for task in source.reader.tasks(run.flow, run.run_id, where, Page(limit=1)).items:
            return task
    if step is None:
        raise NotFound(f"no task of {title} failed: name one, as {title}/STEP/TASK")
    raise NotFound(f"{title} has no task of a step {step!r}")


def _filters(step: str | None) -> Iterator[TaskFilter]:
    yield TaskFilter(step=step, status="failed")
    if step is not None:
        yield TaskFilter(step=step)


def _of_spin(found: Target) -> Target:
    """The inputs of a task that ``spin`` ran are those of the task that it repeated."""
    flow, run_id, step, task_id = str(found.run.info["spin"]).split("/")
    source = source_of(str(found.run.info["spin_metadata"]))
    run = source.reader.run(flow, run_id)
    task = source.reader.task(flow, run_id, step, task_id)
    if run is None or task is None:
        raise NotFound(f"{flow}/{run_id}/{step}/{task_id}, which {found.pathspec} repeated, is gone from {source}")
    return attrs.evolve(found, inputs_source=source, inputs_run=run, inputs_task=task)
