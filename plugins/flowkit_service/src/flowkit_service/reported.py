"""What clients of the REST interface say about their tasks, in FlowKit's words.

Metaflow's client says how a task went in its metadata: ``attempt`` when an attempt begins, ``attempt_ok`` when it ends,
each tagged ``attempt_id:N``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import attrs

from flowkit.plugin import AttemptRecord, Metadatum

__all__ = ["INTERNAL_PREFIX", "attempts_from", "is_internal_step", "metadatum_of", "status_from"]

Status = Literal["running", "succeeded", "failed"]

#: Fields of metadata in which FlowKit keeps its own records where a service has no other place for them.
INTERNAL_PREFIX = "flowkit."


def is_internal_step(name: str) -> bool:
    """Whether a step holds facts of the run rather than work: ``_parameters`` of Metaflow's, for one."""
    return name.startswith("_")


def metadatum_of(entry: dict[str, Any]) -> Metadatum:
    """From a record of metadata as the REST interface gives it."""
    tags = [str(tag) for tag in entry.get("tags") or ()]
    attempt = next((tag.partition(":")[2] for tag in tags if tag.startswith("attempt_id:")), "0")
    return Metadatum(
        field=str(entry.get("field_name") or ""),
        value=str(entry.get("value") or ""),
        type=str(entry.get("type") or ""),
        created_at=(entry.get("ts_epoch") or 0) / 1000,
        attempt=int(attempt) if attempt.isdecimal() else 0,
        tags=tuple(tag for tag in tags if not tag.startswith("attempt_id:")),
    )


def attempts_from(
    identity: tuple[str, str, str, str], created_at: float, metadata: Sequence[Metadatum]
) -> list[AttemptRecord]:
    """The attempts of a task, from its metadata; ``identity`` is flow, run, step, task."""
    attempts: dict[int, AttemptRecord] = {}
    for entry in metadata:
        number = int(entry.value) if entry.field == "attempt" and entry.value.isdecimal() else entry.attempt
        known = attempts.get(number) or AttemptRecord(*identity, number, "running", entry.created_at or created_at)
        if entry.field == "attempt_ok":
            known = attrs.evolve(
                known, status="succeeded" if entry.value == "True" else "failed", finished_at=entry.created_at
            )
        attempts[number] = attrs.evolve(known, metadata=(*known.metadata, entry))
    return [attempts[number] for number in sorted(attempts)]


def status_from(metadata: Iterable[Metadatum]) -> Status:
    """How a task stands: what its latest attempt says."""
    latest = -1
    status: Status = "running"
    for entry in metadata:
        is_start = entry.field == "attempt" and entry.attempt > latest
        if is_start or (entry.field == "attempt_ok" and entry.attempt >= latest):
            latest = entry.attempt
            status = "running" if is_start else "succeeded" if entry.value == "True" else "failed"
    return status
