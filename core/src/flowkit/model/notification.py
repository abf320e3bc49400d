"""What plugins that watch a run are told about its tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["TaskEvent", "TaskEventKind"]

#: ``started``: an attempt's process is there. ``retrying``: an attempt failed and another follows. ``ended``: the
#: task's last attempt is over.
TaskEventKind = Literal["started", "retrying", "ended"]


@attrs.frozen
class TaskEvent:
    """Something happened to one attempt of one task, as the launching side sees it."""

    kind: TaskEventKind
    spec: TaskSpec
    #: Seconds since the epoch.
    time: float
    #: How the attempt ended; None for ``started``.
    outcome: TaskOutcome | None = None
    #: Where it runs: ``pid``, ``job-id``.
    info: Mapping[str, str] = attrs.field(factory=dict)
