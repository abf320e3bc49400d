"""Collects a run's records, and writes them in batches."""

from __future__ import annotations

from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.record import AttemptRecord, Change, StepRecord, TaskRecord

__all__ = ["Recorder"]


class Recorder:
    """Records wait here until :meth:`flush` writes all of them in one transaction.

    The loop flushes before it starts a task, so that whatever a task depends on, and the task itself, can be read by
    any process before its code runs; and when it is idle.
    """

    def __init__(self, metadata: MetadataProvider) -> None:
        self._metadata = metadata
        # By identity: of several changes to one record, the last one counts.
        self._pending: dict[tuple[str, ...], Change] = {}
        self._steps: set[str] = set()

    @property
    def pending(self) -> int:
        """How many records wait."""
        return len(self._pending)

    def step(self, record: StepRecord) -> None:
        """Record a step, the first time that it is named."""
        if record.step not in self._steps:
            self._steps.add(record.step)
            self._pending["step", record.step] = record

    def task(self, record: TaskRecord) -> None:
        """Record a task, or its new state."""
        self._pending["task", record.task_id] = record

    def attempt(self, record: AttemptRecord) -> None:
        """Record an attempt, or its new state."""
        self._pending["attempt", record.task_id, str(record.attempt)] = record

    def flush(self) -> None:
        """Write all that waits. If that fails, it waits on."""
        if self._pending:
            self._metadata.write(self._pending.values())
            self._pending.clear()
