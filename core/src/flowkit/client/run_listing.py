"""Runs by tag, user, status and time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from heapq import merge
from typing import get_args

import attrs

from flowkit.client.display import check_choice
from flowkit.client.liveness import is_dead
from flowkit.client.run_context import View
from flowkit.model.record import RunFilter, RunRecord, RunStatus

__all__ = ["When", "list_runs", "seconds_of"]

#: A moment (in local time if it has no zone), the beginning of a day, or how long ago.
When = datetime | date | timedelta


def seconds_of(when: When | None) -> float | None:
    """Seconds since the epoch."""
    if when is None:
        return None
    if isinstance(when, timedelta):
        return (datetime.now() - when).timestamp()
    if not isinstance(when, date):
        raise TypeError(f"a time must be a datetime, a date or a timedelta, and is {when!r}")
    if not isinstance(when, datetime):
        when = datetime.combine(when, time())
    return when.timestamp()


def list_runs(
    view: View,
    flow: str | None,
    tags: tuple[str, ...],
    *,
    user: str | None,
    status: RunStatus | None,
    after: When | None,
    before: When | None,
) -> Iterator[RunRecord]:
    """Runs of the namespace, of one flow or of all, newest first. The status is the one that is shown.

    Raises
    ------
    ValueError
        If there is no such status.
    TypeError
        If a time is none.
    """
    check_choice("status", status, get_args(RunStatus))
    where = RunFilter(
        tags=tags if view.namespace is None else (view.namespace, *tags),
        username=user,
        status=status,
        created_after=seconds_of(after),
        created_before=seconds_of(before),
    )
    found = _recorded(view, flow, where)
    if status == "running":
        return (run for run in found if not is_dead(run))
    if status == "failed":
        # Those whose launching process is gone are recorded as running.
        left = (run for run in _recorded(view, flow, attrs.evolve(where, status="running")) if is_dead(run))
        return merge(found, left, key=lambda run: -run.created_at)
    return found


def _recorded(view: View, flow: str | None, where: RunFilter) -> Iterator[RunRecord]:
    return view.reader.runs_of_all_flows(where) if flow is None else view.reader.all_runs(flow, where)
