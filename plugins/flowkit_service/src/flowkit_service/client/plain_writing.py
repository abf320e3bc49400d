"""How records are written through the REST interface alone."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from typing import Any

from flowkit.plugin import AttemptRecord, MetadataError, Metadatum, RunRecord, StepRecord, TaskRecord, user_tags_of
from flowkit_service.client.naming import path_of, stored
from flowkit_service.client.plain_run import ATTEMPT_FIELD, RUN_FIELD, RUN_STEP, RUN_TASK, STEP_FIELD, TASK_FIELD
from flowkit_service.client.transport import Answer, Transport
from flowkit_service.documents import document_of
from flowkit_service.errors import ServiceError

__all__ = ["PlainWriting"]


class PlainWriting:
    """Writes records, and remembers what this process has written, so as not to write it twice."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._known: set[tuple[str, ...]] = set()
        self._said: set[tuple[Any, ...]] = set()

    def create_run(self, run: RunRecord) -> bool:
        """Record a run if its id is free."""
        name = stored(run.run_id)
        self._create(path_of(run.flow), {"user_name": run.username})
        milliseconds = round(run.created_at * 1000)
        body = {
            "run_number": name,
            "user_name": run.username,
            "tags": list(user_tags_of(run.tags, run.system_tags)),
            "system_tags": list(run.system_tags),
            "ts_epoch": milliseconds,
        }
        answer = self._transport.request("POST", path_of(run.flow) + "/run", body)
        if answer.status == 409:
            # The answer to the first of several requests may have been lost: then the run is this one.
            if not (answer.repeated and self._is_new(run, name)):
                return False
        elif not answer.is_good:
            raise self._failed(f"the run {run.flow}/{run.run_id}", answer)
        self._known.add((run.flow, name))
        self.run_changed(run)
        return True

    def _is_new(self, run: RunRecord, name: str) -> bool:
        found = self._transport.request("GET", path_of(run.flow, name))
        has_records = self._transport.request("GET", path_of(run.flow, name) + "/metadata").body
        return found.is_good and found.body.get("user_name") == run.username and not has_records

    def run_changed(self, run: RunRecord) -> None:
        """Record a run's new state."""
        document = document_of(run)
        del document["tags"], document["system_tags"]
        self._say(run.flow, stored(run.run_id), RUN_STEP, RUN_TASK, [_internal(RUN_FIELD, document)])

    def step(self, step: StepRecord) -> None:
        """Record a step."""
        name = stored(step.run_id)
        self._need_run(step.flow, name)
        self._need_step(step.flow, name, step.step)
        self._say(step.flow, name, RUN_STEP, RUN_TASK, [_internal(STEP_FIELD, document_of(step))])

    def task(self, task: TaskRecord) -> None:
        """Record a task, or its new state."""
        entries = [_internal(TASK_FIELD, document_of(task)), *self._new(task, task.metadata)]
        self._say(task.flow, stored(task.run_id), task.step, stored(task.task_id), entries)

    def attempt(self, attempt: AttemptRecord) -> None:
        """Record an attempt, or its new state."""
        entries = [_internal(ATTEMPT_FIELD, document_of(attempt)), *self._new(attempt, attempt.metadata)]
        self._say(attempt.flow, stored(attempt.run_id), attempt.step, stored(attempt.task_id), entries)

    def _new(self, record: TaskRecord | AttemptRecord, metadata: Iterable[Metadatum]) -> list[dict[str, Any]]:
        entries = []
        for entry in metadata:
            identity = (record.flow, record.run_id, record.step, record.task_id, entry)
            if identity in self._said:
                continue
            self._said.add(identity)
            entries.append(
                {
                    "field_name": _plain(entry.field),
                    "value": _plain(entry.value),
                    "type": _plain(entry.type),
                    "ts_epoch": round(entry.created_at * 1000),
                    "tags": [f"attempt_id:{entry.attempt}", *entry.tags],
                }
            )
        return entries

    def _say(self, flow: str, run: str, step: str, task: str, entries: list[dict[str, Any]]) -> None:
        self._need_run(flow, run, step)
        self._need_step(flow, run, step)
        if (flow, run, step, task) not in self._known:
            self._create(path_of(flow, run, step) + "/task", {"task_id": task})
            self._known.add((flow, run, step, task))
        path = path_of(flow, run, step, task) + "/metadata"
        answer = self._transport.request("POST", path, entries)
        if not answer.is_good:
            raise self._failed(f"metadata of {flow}/{run}/{step}/{task}", answer)

    def _need_run(self, flow: str, run: str, step: str = "") -> None:
        if (flow, run) not in self._known:
            if self._transport.request("GET", path_of(flow, run)).status == 404:
                raise MetadataError(f"the run {flow}/{run} isn't recorded: record it before its step {step!r}")
            self._known.add((flow, run))

    def _need_step(self, flow: str, run: str, step: str) -> None:
        if (flow, run, step) not in self._known:
            self._create(path_of(flow, run, step) + "/step", {})
            self._known.add((flow, run, step))

    def _create(self, path: str, body: dict[str, Any]) -> None:
        answer = self._transport.request("POST", path, body)
        if not answer.is_good and answer.status != 409:  # it is there already
            raise self._failed(path, answer)

    def _failed(self, what: str, answer: Answer) -> ServiceError:
        return ServiceError(
            f"the metadata service at {self._transport.endpoint.url} doesn't record {what}: it answered "
            f"{answer.status} ({answer.message or 'nothing more'})"
        )


def _internal(field: str, document: dict[str, Any]) -> dict[str, Any]:
    # The record of another process, written in the same millisecond, has another place in the order.
    document = {**document, "written": [time.time_ns(), os.getpid()]}
    return {"field_name": field, "value": json.dumps(document), "type": field, "tags": []}


def _plain(text: str) -> str:
    """What any database takes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\0")
