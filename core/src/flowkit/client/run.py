"""Runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, cast

from flowkit.client.base import Container, InRun, local_time
from flowkit.client.conditions import Conditions
from flowkit.client.display import age
from flowkit.client.liveness import last_sign, status_of
from flowkit.client.searchable import Searchable
from flowkit.client.step import Step
from flowkit.client.task import Task
from flowkit.client.task_code import TaskCode
from flowkit.client.task_data import TaskData
from flowkit.client.tasks import Tasks
from flowkit.ids import Kind

if TYPE_CHECKING:
    from flowkit.client.flow import Flow
    from flowkit.client.trigger import Trigger

__all__ = ["Run"]


class Run(InRun, Container[Step], Searchable):
    """One run of a flow: its steps, newest first.

    ``run["_parameters"]`` is the step whose only task, ``0``, has the run's parameters as artifacts. It is there from
    the run's beginning; iterating leaves it out.
    """

    kind: ClassVar[Kind] = "run"

    # --- steps -----------------------------------------------------------------------------------------------------

    def steps(self, *tags: str) -> Iterator[Step]:
        """Steps that have tasks, newest first; none if the run lacks one of ``tags``."""
        if self._has_tags(tags):
            for record in self._view.reader.steps(*self._path):
                if not record.step.startswith("_"):
                    yield Step._at(self._view, (*self._path, record.step), _run=self._run, _record=record)

    def __iter__(self) -> Iterator[Step]:
        return self.steps()

    def _find(self, name: str) -> Step | None:
        record = self._run.step(name)
        if record is None:
            return None
        return Step._at(self._view, (*self._path, name), _run=self._run, _record=record)

    def _missing(self, name: str) -> str:
        return f"{self} {self._run.missing_step(name)}"

    def _narrowed(self, conditions: Conditions) -> Tasks:
        return Tasks(self._run, None, (conditions,))

    @property
    def end_task(self) -> Task | None:
        """The task of the flow's last step, whatever the step is called; None if the run hasn't come there."""
        step = self._find(self._run.end_step)
        return None if step is None else step.task

    @property
    def data(self) -> TaskData | None:
        """Artifacts of the end task; None if the run hasn't come there."""
        end = self.end_task
        return None if end is None else end.data

    # --- how it went -----------------------------------------------------------------------------------------------

    @property
    def successful(self) -> bool:
        """Whether the run has finished without a failure; one that ``@catch`` handled in its last step is one."""
        if status_of(self._run.state()) != "succeeded":
            return False
        end = self.end_task
        return end is None or end.successful

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen: it succeeded, failed, or its launching process is gone.

        A launching process that gave no sign of life for a minute counts as gone.
        """
        return status_of(self._run.state()) != "running"

    @property
    def finished_at(self) -> datetime | None:
        """When it ended (for a launching process that is gone: its last sign of life); None while it runs."""
        run = self._run.state()
        if run.finished_at is not None:
            return local_time(run.finished_at)
        return local_time(last_sign(run)) if status_of(run) != "running" else None

    @property
    def created_at(self) -> datetime:
        """When the run was started."""
        return local_time(self._run.record.created_at)

    @property
    def code(self) -> TaskCode | None:
        """The code that the run ran; None if it isn't stored."""
        return TaskCode.of_run(self._run)

    @property
    def trigger(self) -> Trigger | None:
        """What started the run: events, and runs of other flows; None if a user did."""
        events = self._run.record.info.get("triggers")
        if not events:
            return None
        from flowkit.client.trigger import Trigger

        return Trigger.of(events, self._view.metadata)

    @property
    def parent(self) -> Flow:
        """The flow."""
        flow = cast("type[Flow]", self._classes["flow"])
        return flow._at(self._view, self._path[:1])

    def _notes(self) -> list[str]:
        record = self._run.last_read
        return [] if record is None else [status_of(record), age(record.created_at)]

    # --- tags ------------------------------------------------------------------------------------------------------

    def add_tag(self, tag: str) -> None:
        """Add a tag. One that is there already, a system tag too, stays as it is. Raises TagError."""
        self.add_tags([tag])

    def add_tags(self, tags: Iterable[str]) -> None:
        """Add tags. Raises TagError, and adds none then."""
        self.replace_tags((), tags)

    def remove_tag(self, tag: str) -> None:
        """Remove a tag; one that isn't there is passed over. Raises TagError for a system tag."""
        self.remove_tags([tag])

    def remove_tags(self, tags: Iterable[str]) -> None:
        """Remove tags. Raises TagError if one is a system tag, and removes none then."""
        self.replace_tags(tags, ())

    def replace_tag(self, tag_to_remove: str, tag_to_add: str) -> None:
        """Remove one tag and add another, at once. Raises TagError."""
        self.replace_tags([tag_to_remove], [tag_to_add])

    def replace_tags(self, tags_to_remove: Iterable[str], tags_to_add: Iterable[str]) -> None:
        """Remove tags, then add tags, at once: others see all of it or nothing.

        Raises
        ------
        TagError
            If a tag is malformed, too many, or to be removed and a system tag. Nothing is changed then.
        """
        remove, add = _as_tags(tags_to_remove), _as_tags(tags_to_add)
        if remove or add:
            self._run.keep(self._view.source.writer.mutate_tags(*self._path, add=add, remove=remove))


def _as_tags(tags: Iterable[str]) -> tuple[str, ...]:
    # A text is an iterable of its characters, which nobody means.
    return (tags,) if isinstance(tags, str) else tuple(tags)
