"""FlowKit's records in a service that has the REST interface alone: Netflix's metaflow-service.

What that interface has no place for is kept as metadata: a task's records in its own, under ``flowkit.task`` and
``flowkit.attempt``; the run's in that of a task ``_flowkit/run``, which Metaflow's client doesn't show. Of several
records of one thing the last counts. A list of tasks is one request, of all metadata of the run. Writing isn't one
transaction: what others depend on is written first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from flowkit.plugin import (
    AttemptRecord,
    Change,
    MetadataError,
    NotFound,
    Page,
    RunFilter,
    RunRecord,
    Slice,
    StepRecord,
    TagError,
    TaskFilter,
    TaskRecord,
    changed_tags,
    user_tags_of,
)
from flowkit_service.client.naming import path_of, stored
from flowkit_service.client.plain_run import PlainRun
from flowkit_service.client.plain_writing import PlainWriting
from flowkit_service.client.selecting import page_in, run_matches, task_matches
from flowkit_service.client.transport import Answer, Transport
from flowkit_service.errors import ServiceError

__all__ = ["PlainOperations"]

#: Seconds that a sign of life may take.
_BEAT_SECONDS = 5.0


class PlainOperations:
    """Speaks to Netflix's service."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._writing = PlainWriting(transport)

    # --- writing ---------------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[Change]) -> None:
        """Record changes, one after the other."""
        for change in changes:
            if isinstance(change, RunRecord):
                if self._get(path_of(change.flow, stored(change.run_id))) is None:
                    self.create_run(change)
                else:
                    self._writing.run_changed(change)
            elif isinstance(change, StepRecord):
                self._writing.step(change)
            elif isinstance(change, TaskRecord):
                self._writing.task(change)
            else:
                self._writing.attempt(change)

    def create_run(self, run: RunRecord) -> bool:
        """Record a run if its id is free."""
        user_tags_of(run.tags, run.system_tags)  # raises, before anything is recorded
        return self._writing.create_run(run)

    def heartbeat(self, flow: str, run_id: str, at: float) -> None:
        """Record a sign of life; the service takes its own time for it."""
        path = path_of(flow, stored(run_id)) + "/heartbeat"
        # Netflix's answers 404 where the last one was a moment ago, too.
        self._transport.request("POST", path, {}, once=_BEAT_SECONDS)

    def delete_run(self, flow: str, run_id: str) -> bool:
        """The interface has nothing to remove records with."""
        raise MetadataError(
            f"the service at {self._transport.endpoint.url} can't remove records: keep them (--keep-records)"
        )

    def mutate_tags(self, flow: str, run_id: str, add: Iterable[str], remove: Iterable[str]) -> RunRecord:
        """Change a run's tags."""
        added, removed = list(add), list(remove)
        run = self.run(flow, run_id)
        if run is None:
            raise NotFound(f"there is no run {flow}/{run_id} in {self._transport.endpoint.url}")
        # What can't be is told before anything is asked of the service, which knows fewer rules.
        changed_tags(run.tags, run.system_tags, add=added, remove=removed)
        name = stored(run_id) if self._get(path_of(flow, stored(run_id))) is not None else run_id
        path = path_of(flow, name) + "/tag/mutate"
        for _ in range(20):
            answer = self._transport.request("PATCH", path, {"tags_to_add": added, "tags_to_remove": removed})
            if answer.is_good:
                return attrs.evolve(run, tags=tuple(answer.body["tags"]))
            if answer.status != 409:  # another client changed them at the same moment
                break
        if answer.status in (400, 409, 422):
            raise TagError(f"the metadata service changed no tag of {flow}/{run_id}: {answer.message}")
        raise self._failed(path, answer)

    # --- reading ---------------------------------------------------------------------------------------------------

    def flows(self) -> list[str]:
        """Names of flows."""
        names = [str(flow["flow_id"]) for flow in self._get("/flows") or ()]
        return sorted(name for name in names if self._get(path_of(name) + "/runs"))

    def run(self, flow: str, run_id: str) -> RunRecord | None:
        """One run: FlowKit's of that id, else the service's."""
        for name in dict.fromkeys((stored(run_id), run_id)):
            found = self._get(path_of(flow, name))
            if found is not None:
                return self._run(flow, name).record(found)
        return None

    def runs(self, flow: str | None, where: RunFilter, page: Page) -> Slice[RunRecord]:
        """A page of runs."""
        names = self.flows() if flow is None else [flow]
        found = [
            self._run(name, str(one["run_number"])).record(one)
            for name in names
            for one in self._get(path_of(name) + "/runs") or ()
        ]
        matching = [run for run in found if run_matches(run, where)]
        return page_in(matching, page, lambda run: run.created_at, lambda run: run.run_id)

    def steps(self, flow: str, run_id: str) -> list[StepRecord]:
        """Steps of a run."""
        name = self._name_of(flow, run_id)
        listed = self._get(path_of(flow, name) + "/steps") or ()
        return self._run(flow, name).steps(listed)

    def task(self, flow: str, run_id: str, step: str, task_id: str) -> TaskRecord | None:
        """One task."""
        name = self._name_of(flow, run_id)
        for task_name in dict.fromkeys((stored(task_id), task_id)):
            path = path_of(flow, name, step, task_name)
            found = self._get(path)
            if found is not None:
                tasks = PlainRun(flow, name, self._get(path + "/metadata") or []).tasks([found])
                return tasks[0] if tasks else None
        return None

    def tasks(self, flow: str, run_id: str, where: TaskFilter, page: Page) -> Slice[TaskRecord]:
        """A page of tasks."""
        found = self._matching(flow, run_id, where)
        return page_in(found, page, lambda task: task.ordinal, lambda task: f"{task.step}/{task.task_id}")

    def count_tasks(self, flow: str, run_id: str, where: TaskFilter) -> int:
        """How many tasks match."""
        return len(self._matching(flow, run_id, where))

    def attempts(self, flow: str, run_id: str, step: str, task_id: str) -> list[AttemptRecord]:
        """Attempts of a task."""
        name = self._name_of(flow, run_id)
        for task_name in dict.fromkeys((stored(task_id), task_id)):
            metadata = self._get(path_of(flow, name, step, task_name) + "/metadata")
            if metadata:
                return PlainRun(flow, name, metadata).attempts(step, task_name)
        return []

    def _matching(self, flow: str, run_id: str, where: TaskFilter) -> list[TaskRecord]:
        name = self._name_of(flow, run_id)
        run = self._run(flow, name)
        tasks = run.recorded_tasks()
        if not run.is_ours:
            steps = [str(step["step_name"]) for step in self._get(path_of(flow, name) + "/steps") or ()]
            entries: list[Any] = []
            for step in (step for step in steps if where.step in (None, step)):
                entries.extend(self._get(path_of(flow, name, step) + "/tasks") or ())
            tasks = run.tasks(entries)
        return [task for task in tasks if task_matches(task, where, run.metadata_said(task))]

    def _name_of(self, flow: str, run_id: str) -> str:
        name = stored(run_id)
        return name if name == run_id or self._get(path_of(flow, name)) is not None else run_id

    def _run(self, flow: str, name: str) -> PlainRun:
        return PlainRun(flow, name, self._get(path_of(flow, name) + "/metadata") or [])

    def _get(self, path: str) -> Any:
        answer = self._transport.request("GET", path)
        if answer.is_good:
            return answer.body
        if answer.status == 404:
            return None
        raise self._failed(path, answer)

    def _failed(self, path: str, answer: Answer) -> ServiceError:
        return ServiceError(
            f"the metadata service at {self._transport.endpoint.url} answered {answer.status} to {path}: "
            f"{answer.message or 'nothing more'}"
        )
