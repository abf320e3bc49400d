"""FlowKit's own operations, of a service that has them: each is one request and one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any

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
)
from flowkit_service.client.transport import Transport
from flowkit_service.documents import document_of, kind_of, read_document
from flowkit_service.errors import ServiceError
from flowkit_service.protocol import EXTENSION_PATH

__all__ = ["OwnOperations"]

#: Seconds that a sign of life may take: it is sent again soon.
_BEAT_SECONDS = 5.0


class OwnOperations:
    """Speaks to FlowKit's service."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _call(self, operation: str, *, once: float | None = None, numbered: bool = False, **given: Any) -> Any:
        path = f"{EXTENSION_PATH}/{operation}"
        answer = self._transport.request("POST", path, given, once=once, numbered=numbered)
        if answer.is_good and isinstance(answer.body, dict):
            return answer.body.get("result")
        name = answer.body.get("error") if isinstance(answer.body, dict) else None
        if name == "TagError":
            raise TagError(answer.message)
        if name == "NotFound":
            raise NotFound(f"{answer.message} in {self._transport.endpoint.url}")
        raise ServiceError(
            f"the metadata service at {self._transport.endpoint.url} answered {answer.status} to {operation}: "
            f"{answer.message or 'nothing more'}"
        )

    # --- writing ---------------------------------------------------------------------------------------------------

    def write(self, changes: Sequence[Change]) -> None:
        """Record changes in one transaction."""
        self._call("write", numbered=True, changes=[[kind_of(change), document_of(change)] for change in changes])

    def create_run(self, run: RunRecord) -> bool:
        """Record a run if its id is free."""
        # By the token the service knows a request that is repeated because its answer was lost.
        return bool(self._call("create_run", numbered=True, run=document_of(run), token=secrets.token_hex(16)))

    def heartbeat(self, flow: str, run_id: str, at: float) -> None:
        """Record a sign of life."""
        self._call("heartbeat", once=_BEAT_SECONDS, numbered=True, flow=flow, run_id=run_id, at=at)

    def mutate_tags(self, flow: str, run_id: str, add: Iterable[str], remove: Iterable[str]) -> RunRecord:
        """Change a run's tags."""
        document = self._call(
            "mutate_tags", numbered=True, flow=flow, run_id=run_id, add=list(add), remove=list(remove)
        )
        return read_document(RunRecord, document)

    def delete_run(self, flow: str, run_id: str) -> bool:
        """Remove a run's records."""
        return bool(self._call("delete_run", numbered=True, flow=flow, run_id=run_id))

    # --- reading ---------------------------------------------------------------------------------------------------

    def flows(self) -> list[str]:
        """Names of flows that have runs."""
        return list(self._call("flows"))

    def run(self, flow: str, run_id: str) -> RunRecord | None:
        """One run."""
        document = self._call("run", flow=flow, run_id=run_id)
        return None if document is None else read_document(RunRecord, document)

    def runs(self, flow: str | None, where: RunFilter, page: Page) -> Slice[RunRecord]:
        """A page of runs."""
        found = self._call("runs", flow=flow, where=document_of(where), page=document_of(page))
        return Slice(tuple(read_document(RunRecord, one) for one in found["items"]), found["next"])

    def steps(self, flow: str, run_id: str) -> list[StepRecord]:
        """Steps of a run."""
        return [read_document(StepRecord, one) for one in self._call("steps", flow=flow, run_id=run_id)]

    def task(self, flow: str, run_id: str, step: str, task_id: str) -> TaskRecord | None:
        """One task."""
        document = self._call("task", flow=flow, run_id=run_id, step=step, task_id=task_id)
        return None if document is None else read_document(TaskRecord, document)

    def tasks(self, flow: str, run_id: str, where: TaskFilter, page: Page) -> Slice[TaskRecord]:
        """A page of tasks."""
        if page.limit < 1:
            raise MetadataError(f"a page of {page.limit} rows can't be listed: ask for 1 or more")
        found = self._call("tasks", flow=flow, run_id=run_id, where=document_of(where), page=document_of(page))
        return Slice(tuple(read_document(TaskRecord, one) for one in found["items"]), found["next"])

    def count_tasks(self, flow: str, run_id: str, where: TaskFilter) -> int:
        """How many tasks match."""
        return int(self._call("count_tasks", flow=flow, run_id=run_id, where=document_of(where)))

    def attempts(self, flow: str, run_id: str, step: str, task_id: str) -> list[AttemptRecord]:
        """Attempts of a task."""
        found = self._call("attempts", flow=flow, run_id=run_id, step=step, task_id=task_id)
        return [read_document(AttemptRecord, one) for one in found]
