"""FlowKit's records of one run, from the metadata of its tasks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from flowkit.plugin import AttemptRecord, Metadatum, RunRecord, StepRecord, TaskRecord
from flowkit_service.client.naming import shown, stored
from flowkit_service.documents import read_document
from flowkit_service.reported import INTERNAL_PREFIX, attempts_from, is_internal_step, metadatum_of, status_from

__all__ = ["ATTEMPT_FIELD", "RUN_FIELD", "RUN_STEP", "RUN_TASK", "STEP_FIELD", "TASK_FIELD", "PlainRun"]

RUN_FIELD = f"{INTERNAL_PREFIX}run"
STEP_FIELD = f"{INTERNAL_PREFIX}step"
TASK_FIELD = f"{INTERNAL_PREFIX}task"
ATTEMPT_FIELD = f"{INTERNAL_PREFIX}attempt"
#: Where the run's own records are.
RUN_STEP, RUN_TASK = "_flowkit", "run"


class PlainRun:
    """What the metadata of a run, or of one of its tasks, says.

    Parameters
    ----------
    name
        The run's id in the service.
    metadata
        As the REST interface gives it.
    """

    def __init__(self, flow: str, name: str, metadata: Sequence[dict[str, Any]]) -> None:
        self.flow = flow
        self.name = name
        self.run_id = shown(name)
        self._metadata: dict[tuple[str, str], list[Metadatum]] = {}
        self._documents: dict[tuple[Any, ...], dict[str, Any]] = {}
        for entry in sorted(metadata, key=lambda entry: entry.get("id") or 0):
            self._take(entry)

    def _take(self, entry: dict[str, Any]) -> None:
        place = (str(entry["step_name"]), str(entry["task_id"]))
        field = str(entry.get("field_name"))
        if not field.startswith(INTERNAL_PREFIX):
            self._metadata.setdefault(place, []).append(metadatum_of(entry))
            return
        document = json.loads(entry["value"])
        key = (*place, field, document.get("attempt") if field == ATTEMPT_FIELD else document.get("step"))
        known = self._documents.get(key)
        if known is None or known["written"] <= document["written"]:
            self._documents[key] = document

    @property
    def is_ours(self) -> bool:
        """Whether FlowKit recorded the run."""
        return any(key[2] == RUN_FIELD for key in self._documents)

    def record(self, found: dict[str, Any]) -> RunRecord:
        """The run's record; ``found`` is what the service says of it."""
        document = self._documents.get((RUN_STEP, RUN_TASK, RUN_FIELD, None))
        beat = found.get("last_heartbeat_ts")
        if document is None:
            succeeded = status_from(self._of_step("end")) == "succeeded"
            return RunRecord(
                flow=self.flow,
                run_id=self.run_id,
                username=str(found.get("user_name") or ""),
                created_at=(found.get("ts_epoch") or 0) / 1000,
                status="succeeded" if succeeded else "running",
                heartbeat_at=None if beat is None else float(beat),
                tags=tuple(found.get("tags") or ()),
                system_tags=tuple(found.get("system_tags") or ()),
                info={"recorded_by": "metaflow"},
            )
        run = read_document(
            RunRecord, {**document, "tags": found.get("tags") or [], "system_tags": found.get("system_tags") or []}
        )
        if run.status == "running" and beat is not None and float(beat) > (run.heartbeat_at or 0.0):
            run = attrs.evolve(run, heartbeat_at=float(beat))
        return run

    def _of_step(self, step: str) -> list[Metadatum]:
        return [entry for place, entries in self._metadata.items() if place[0] == step for entry in entries]

    def steps(self, listed: Iterable[dict[str, Any]]) -> list[StepRecord]:
        """Steps, newest first; ``listed`` is what the service says of them."""
        first: dict[str, float] = {}
        for task in self.recorded_tasks():
            first[task.step] = min(task.created_at, first.get(task.step, task.created_at))
        found = []
        for step in listed:
            name = str(step["step_name"])
            if is_internal_step(name):
                continue
            document = self._documents.get((RUN_STEP, RUN_TASK, STEP_FIELD, name))
            created_at = document["created_at"] if document else first.get(name, (step.get("ts_epoch") or 0) / 1000)
            found.append(StepRecord(self.flow, self.run_id, name, created_at))
        return sorted(found, key=lambda step: step.created_at, reverse=True)

    def recorded_tasks(self) -> list[TaskRecord]:
        """Tasks that FlowKit recorded."""
        return [
            read_document(TaskRecord, document) for key, document in self._documents.items() if key[2] == TASK_FIELD
        ]

    def tasks(self, listed: Iterable[dict[str, Any]]) -> list[TaskRecord]:
        """Tasks; ``listed`` is what the service says of them."""
        found = []
        for number, task in enumerate(listed):
            step, name = str(task["step_name"]), str(task["task_id"])
            document = self._documents.get((step, name, TASK_FIELD, step))
            if document is not None:
                found.append(read_document(TaskRecord, document))
            elif not is_internal_step(step) and not self.is_ours and (step, name, ATTEMPT_FIELD) not in self._places():
                found.append(self._reported(task, step, name, number))
        return found

    def _places(self) -> set[tuple[Any, ...]]:
        return {key[:3] for key in self._documents}

    def _reported(self, task: dict[str, Any], step: str, name: str, number: int) -> TaskRecord:
        metadata = self._metadata.get((step, name), [])
        status = status_from(metadata)
        ended = [entry.created_at for entry in metadata if entry.field == "attempt_ok"]
        return TaskRecord(
            self.flow,
            self.run_id,
            step,
            shown(name),
            created_at=(task.get("ts_epoch") or 0) / 1000,
            ordinal=int(name) if name.isdecimal() else number,
            status=status,
            attempt=max((entry.attempt for entry in metadata), default=0),
            finished_at=max(ended, default=None) if status != "running" else None,
            metadata=tuple(metadata),
        )

    def attempts(self, step: str, name: str) -> list[AttemptRecord]:
        """Attempts of a task, whose id in the service is ``name``."""
        ours = [
            read_document(AttemptRecord, document)
            for key, document in self._documents.items()
            if key[:3] == (step, name, ATTEMPT_FIELD)
        ]
        if ours:
            return sorted(ours, key=lambda attempt: attempt.attempt)
        metadata = self._metadata.get((step, name), [])
        if any(key[:3] == (step, name, TASK_FIELD) for key in self._documents):
            return []
        return attempts_from((self.flow, self.run_id, step, shown(name)), 0.0, metadata)

    def metadata_said(self, task: TaskRecord) -> set[tuple[str, str]]:
        """Fields and values of a task's metadata and of its attempts'."""
        said = {(entry.field, entry.value) for entry in task.metadata}
        for name in (stored(task.task_id), task.task_id):
            for attempt in self.attempts(task.step, name):
                said.update((entry.field, entry.value) for entry in attempt.metadata)
        return said
