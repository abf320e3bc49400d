"""Tells plugins what happens in a run."""

from __future__ import annotations

import time
from collections.abc import Mapping

from flowkit.engine.observer import RunObserver
from flowkit.kernel.registry import Registry
from flowkit.model.graph import Graph
from flowkit.model.notification import TaskEvent, TaskEventKind
from flowkit.model.record import RunRecord
from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["PluginObserver"]


class PluginObserver(RunObserver):
    """Calls the notification hooks; an error in one of them is shown, and stops nothing."""

    def __init__(self, registry: Registry) -> None:
        self._hook = registry.hook
        # A run of many tasks makes no events that nobody looks at.
        self._watches_tasks = registry.hook.is_implemented("flowkit_task_event")

    def run_started(self, run: RunRecord, graph: Graph) -> None:
        """The run is recorded; nothing has run yet."""
        self._hook.flowkit_run_started(run=run, graph=graph)

    def task_started(self, spec: TaskSpec, info: Mapping[str, str]) -> None:
        """An attempt's process is there."""
        if self._watches_tasks:
            self._hook.flowkit_task_event(event=TaskEvent("started", spec, time.time(), info=info))

    def task_ended(self, spec: TaskSpec, outcome: TaskOutcome, will_retry: bool) -> None:
        """An attempt is over."""
        if self._watches_tasks:
            kind: TaskEventKind = "retrying" if will_retry else "ended"
            self._hook.flowkit_task_event(event=TaskEvent(kind, spec, time.time(), outcome))

    def run_finished(self, run: RunRecord, failure: str) -> None:
        """The run is over and recorded."""
        self._hook.flowkit_run_finished(run=run, failure=failure)
