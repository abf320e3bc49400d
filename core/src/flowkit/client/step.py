"""Steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, cast

from flowkit.client.base import Container, InRun, local_time
from flowkit.client.conditions import Conditions
from flowkit.client.display import did_you_mean
from flowkit.client.run_context import View
from flowkit.client.searchable import Searchable
from flowkit.client.task import Task
from flowkit.client.tasks import Tasks, listed
from flowkit.errors import NotFound
from flowkit.ids import Kind
from flowkit.model.record import StepRecord, TaskFilter

if TYPE_CHECKING:
    from flowkit.client.run import Run

__all__ = ["Step"]


class Step(InRun, Container[Task], Searchable):
    """One step of a run: its tasks, newest first."""

    kind: ClassVar[Kind] = "step"

    def _setup(self, view: View, path: tuple[str, ...]) -> None:
        super()._setup(view, path)
        self._record: StepRecord | None = None

    def _check(self) -> None:
        super()._check()
        self._step_record()

    def _step_record(self) -> StepRecord:
        if self._record is None:
            self._record = self._run.step(self.id)
            if self._record is None:
                raise NotFound(f"{'/'.join(self._path[:2])} {self._run.missing_step(self.id)}")
        return self._record

    # --- tasks -----------------------------------------------------------------------------------------------------

    def tasks(self, *tags: str) -> Iterator[Task]:
        """Tasks, newest first; none if the run lacks one of ``tags``."""
        if self._has_tags(tags):
            yield from listed(self._run, TaskFilter(step=self.id))

    def _narrowed(self, conditions: Conditions) -> Tasks:
        return Tasks(self._run, self.id, (conditions,))

    def __iter__(self) -> Iterator[Task]:
        return self.tasks()

    def _find(self, name: str) -> Task | None:
        record = self._run.task(self.id, name)
        if record is None:
            return None
        return Task._at(self._view, (*self._path, name), _run=self._run, _record=record)

    def _missing(self, name: str) -> str:
        newest = [task.id for task in islice(self.tasks(), 100)]
        return f"{self} has no task {name!r}; {did_you_mean(name, newest, 'tasks')}"

    @property
    def task(self) -> Task | None:
        """The newest task; None if there is none."""
        return next(self.tasks(), None)

    def control_tasks(self, *tags: str) -> Iterator[Task]:
        """Tasks that lead the others of their split: node 0 of each ``num_parallel`` split, newest first."""
        return (task for task in self.tasks(*tags) if task._is_control)

    @property
    def control_task(self) -> Task | None:
        """The newest control task; None if the step isn't a parallel one."""
        return next(self.control_tasks(), None)

    # --- the graph -------------------------------------------------------------------------------------------------

    @property
    def parent_steps(self) -> Iterator[Step]:
        """Steps of the run that lead to this one."""
        return self._steps_that_ran(self._run.previous_steps(self.id))

    @property
    def child_steps(self) -> Iterator[Step]:
        """Steps of the run that this one leads to."""
        return self._steps_that_ran(self._run.next_steps(self.id))

    def _steps_that_ran(self, names: Any) -> Iterator[Step]:
        wanted = set(names)
        ran = {record.step: record for record in self._view.reader.steps(*self._path[:2]) if record.step in wanted}
        for name in names:
            if name in ran:
                yield Step._at(self._view, (*self._path[:2], name), _run=self._run, _record=ran[name])

    # --- facts -----------------------------------------------------------------------------------------------------

    @property
    def created_at(self) -> datetime:
        """When its first task was created."""
        return local_time(self._step_record().created_at)

    @property
    def finished_at(self) -> datetime | None:
        """When the last of its tasks ended; None while one of them runs."""
        latest: datetime | None = None
        for task in self.tasks():
            at = task.finished_at
            if at is None:
                return None
            latest = at if latest is None else max(latest, at)
        return latest

    @property
    def environment_info(self) -> Mapping[str, Any] | None:
        """What its newest task recorded of an environment of its own; None if it has none."""
        task = self.task
        return None if task is None else task.environment_info

    @property
    def parent(self) -> Run:
        """The run."""
        return cast("Run", self._ancestor("run", 2))
