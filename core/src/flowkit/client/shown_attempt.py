"""Which attempt of a task is shown, and what is known of it."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from flowkit.client.run_context import RunContext
from flowkit.errors import NotFound
from flowkit.model.record import AttemptRecord, Metadatum, TaskRecord, TaskStatus

__all__ = ["ShownAttempt", "latest_attempt", "numbered_attempt"]


@attrs.frozen
class ShownAttempt:
    """One attempt, from the task's record or from its own."""

    number: int
    status: TaskStatus
    #: Seconds since the epoch; None while it runs.
    finished_at: float | None
    #: Key of what it stored; None if that isn't to be shown, or there is nothing.
    manifest: str | None
    metadata: tuple[Metadatum, ...] = ()


def latest_attempt(run: RunContext, task: TaskRecord) -> ShownAttempt:
    """What a task without a number shows: its latest attempt, with artifacts if that succeeded."""
    if task.status == "succeeded":
        return ShownAttempt(task.attempt, task.status, task.finished_at, task.manifest, task.metadata)
    if task.status == "running" and run.is_dead:
        return _left_behind(run, task)
    return ShownAttempt(task.attempt, task.status, task.finished_at, None, task.metadata)


def numbered_attempt(run: RunContext, task: TaskRecord, attempts: Sequence[AttemptRecord], number: int) -> ShownAttempt:
    """One attempt that was asked for, with all that it stored, also if it failed.

    Raises
    ------
    NotFound
        If the task has no such attempt.
    """
    for attempt in attempts:
        if attempt.attempt == number:
            if attempt.status == "running" and run.is_dead:
                return _left_behind(run, attrs.evolve(task, attempt=number, metadata=attempt.metadata))
            if attempt.status == "running":
                return ShownAttempt(number, "running", None, _written(run, task, number), attempt.metadata)
            return ShownAttempt(number, attempt.status, attempt.finished_at, attempt.manifest, attempt.metadata)
    if number == task.attempt:  # a copy, whose attempts were recorded where it was copied from
        return latest_attempt(run, task)
    known = ", ".join(str(attempt.attempt) for attempt in attempts) or str(task.attempt)
    raise NotFound(
        f"{task.flow}/{task.run_id}/{task.step}/{task.task_id} has no attempt {number}; its attempts are {known}"
    )


def _written(run: RunContext, task: TaskRecord, number: int) -> str | None:
    """The manifest of an attempt that has stored its artifacts, and isn't recorded as done yet."""
    from flowkit.artifacts.layout import manifest_key

    key = manifest_key(task.flow, task.run_id, task.step, task.task_id, number)
    return key if run.manifest(key) is not None else None


def _left_behind(run: RunContext, task: TaskRecord) -> ShownAttempt:
    """An attempt that ran when the launching process was killed: it may have finished all the same."""
    from flowkit.artifacts.layout import manifest_key

    key = manifest_key(task.flow, task.run_id, task.step, task.task_id, task.attempt)
    manifest = run.manifest(key)
    if manifest is not None and manifest.ok:
        return ShownAttempt(task.attempt, "succeeded", manifest.finished_at, key, task.metadata)
    record = run.record
    return ShownAttempt(task.attempt, "failed", record.heartbeat_at or record.created_at, None, task.metadata)
