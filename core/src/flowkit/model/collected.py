"""How a run's record says that its artifacts were, or are being, collected."""

from __future__ import annotations

import time

import attrs

from flowkit.model.record import RunRecord

__all__ = ["collected_at", "mark_collected", "unmark_collected", "when_collected"]

_FIELD = "collected_at"


def collected_at(run: RunRecord) -> float | None:
    """When a collector began to take the run's artifacts away, in seconds since the epoch; None if none did."""
    at = run.info.get(_FIELD)
    return float(at) if isinstance(at, int | float) else None


def when_collected(run: RunRecord) -> str | None:
    """The same, as a date for messages."""
    at = collected_at(run)
    return None if at is None else time.strftime("%Y-%m-%d", time.localtime(at))


def mark_collected(run: RunRecord, at: float) -> RunRecord:
    """The record with the mark: from now on nobody resumes the run."""
    return attrs.evolve(run, info={**run.info, _FIELD: at})


def unmark_collected(run: RunRecord) -> RunRecord:
    """The record without it."""
    return attrs.evolve(run, info={name: value for name, value in run.info.items() if name != _FIELD})
