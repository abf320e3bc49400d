"""How a run's record says that its artifacts were, or are being, collected."""

from __future__ import annotations

import time

import attrs

from flowkit.model.record import RunRecord

__all__ = ["collected_at", "keep_mark", "keeps_record", "mark_collected", "when_collected"]

_FIELD, _KEEPS = "collected_at", "collected_keeps_record"


def collected_at(run: RunRecord) -> float | None:
    """When a collector began to take the run's artifacts away, in seconds since the epoch; None if none did."""
    at = run.info.get(_FIELD)
    return float(at) if isinstance(at, int | float) else None


def when_collected(run: RunRecord) -> str | None:
    """The same, as a date for messages."""
    at = collected_at(run)
    return None if at is None else time.strftime("%Y-%m-%d", time.localtime(at))


def keeps_record(run: RunRecord) -> bool:
    """Whether the record is to stay when the artifacts have gone."""
    return bool(run.info.get(_KEEPS))


def mark_collected(run: RunRecord, at: float, *, keep_record: bool = False) -> RunRecord:
    """The record with the mark: from now on nobody resumes the run."""
    return attrs.evolve(run, info={**run.info, _FIELD: at, _KEEPS: keep_record})


def keep_mark(latest: RunRecord, run: RunRecord) -> RunRecord:
    """``run`` with the mark of ``latest``, if that has one: a mark is never taken away."""
    mark = {name: latest.info[name] for name in (_FIELD, _KEEPS) if name in latest.info}
    return attrs.evolve(run, info={**run.info, **mark}) if mark else run
