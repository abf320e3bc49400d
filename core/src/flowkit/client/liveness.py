"""Whether a run that is recorded as running still runs."""

from __future__ import annotations

import time

from flowkit.model.record import RunRecord, RunStatus

__all__ = ["SILENCE_SECONDS", "is_dead", "last_sign", "status_of"]

#: The launching process gives a sign of life every ten seconds. After this long without one it was killed, or its
#: machine is gone: the run is shown as failed.
SILENCE_SECONDS = 60.0


def last_sign(run: RunRecord) -> float:
    """When the launching process was last known to live, in seconds since the epoch."""
    return run.heartbeat_at if run.heartbeat_at is not None else run.created_at


def is_dead(run: RunRecord, now: float | None = None) -> bool:
    """Whether the run is recorded as running, but its launching process has been silent for SILENCE_SECONDS."""
    return run.status == "running" and (time.time() if now is None else now) - last_sign(run) > SILENCE_SECONDS


def status_of(run: RunRecord) -> RunStatus:
    """The status to show."""
    return "failed" if is_dead(run) else run.status
