"""Tasks of a run that meet conditions, as a sequence that is found when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import overload

from flowkit.client.conditions import Conditions, Items, search_of
from flowkit.client.prefetch import prefetched
from flowkit.client.run_context import PARAMETERS_STEP, PARAMETERS_TASK, RunContext
from flowkit.client.searchable import Searchable
from flowkit.client.task import Task
from flowkit.client.wanted import Wanted
from flowkit.model.record import Page, TaskFilter, TaskRecord, TaskSearch

__all__ = ["Tasks", "listed"]


def listed(run: RunContext, where: TaskFilter) -> Iterator[Task]:
    """Tasks of a run, newest first; what those of a page store is fetched together, where that saves time."""
    for records in _pages(run, where):
        shared = prefetched(run, records)
        for record in records:
            path = (run.flow, run.run_id, record.step, record.task_id)
            yield Task._at(run.view, path, _run=run, _record=record, _shared=shared)


def _pages(run: RunContext, where: TaskFilter) -> Iterator[Sequence[TaskRecord]]:
    if where.step == PARAMETERS_STEP:
        parameters = run.task(PARAMETERS_STEP, PARAMETERS_TASK)
        yield [] if parameters is None else [parameters]
        return
    reader = run.view.reader
    after: str | None = None
    while True:
        page = Page(after=after)
        if isinstance(where, TaskSearch):
            part = reader.find_tasks(run.flow, run.run_id, where, page)
        else:
            part = reader.tasks(run.flow, run.run_id, where, page)
        yield part.items
        if (after := part.next) is None:
            return


class Tasks(Searchable):
    """Tasks that meet conditions, newest first; each iteration finds them anew.

    >>> from flowkit import Flow
    >>> failed = Flow("TrainFlow").latest_run["train"].where(status="failed")  # doctest: +SKIP
    >>> [task.index for task in failed.where(input="eu-west")]  # doctest: +SKIP
    [3]

    It has no length, since counting may mean to look at every task: :meth:`count` does.
    """

    def __init__(self, run: RunContext, step: str | None, conditions: tuple[Conditions, ...]) -> None:
        self._run = run
        self._step = step
        self._conditions = conditions

    def _narrowed(self, conditions: Conditions) -> Tasks:
        return Tasks(self._run, self._step, (*self._conditions, conditions))

    def __iter__(self) -> Iterator[Task]:
        run = self._run
        # In a run that was killed, what is recorded as running is shown otherwise.
        asks_status = any(one.status is not None for one in self._conditions)
        is_settled = not (asks_status and run.is_dead)
        items = Items(run)
        checks = [
            (one, {name: Wanted(name, value) for name, value in one.artifacts.items()}) for one in self._conditions
        ]
        for task in listed(run, search_of(self._step, self._conditions, is_settled=is_settled)):
            if self._step is None and task.path_components[2].startswith("_"):
                continue
            if all(one.hold(task, items, wanted) for one, wanted in checks):
                yield task

    @property
    def first(self) -> Task | None:
        """The newest of them; None if there is none."""
        return next(iter(self), None)

    def count(self) -> int:
        """How many there are."""
        return sum(1 for _ in self)

    def __bool__(self) -> bool:
        return self.first is not None

    @overload
    def __getitem__(self, place: int) -> Task: ...

    @overload
    def __getitem__(self, place: slice) -> list[Task]: ...

    def __getitem__(self, place: int | slice) -> Task | list[Task]:
        """The task at a place, or several; no more tasks are looked at than it takes. Raises IndexError."""
        if isinstance(place, slice):
            if min(place.start or 0, place.stop or 0, place.step or 1) < 0:
                return list(self)[place]
            return list(islice(self, place.start, place.stop, place.step))
        if place < 0:
            return list(self)[place]
        for task in islice(self, place, place + 1):
            return task
        raise IndexError(f"there are fewer than {place + 1} such tasks")

    def __repr__(self) -> str:
        where = "/".join([self._run.flow, self._run.run_id, *([self._step] if self._step else [])])
        asked = "".join(f".where({one.describe()})" for one in self._conditions)
        return f"<Tasks of {where}{asked}>"
