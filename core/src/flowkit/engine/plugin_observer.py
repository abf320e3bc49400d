"""Tells plugins what happens in a run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from flowkit.engine.observer import RunObserver
from flowkit.kernel.registry import Registry
from flowkit.kernel.validation import describe_error
from flowkit.model.graph import Graph
from flowkit.model.notification import TaskEvent, TaskEventKind
from flowkit.model.record import RunRecord
from flowkit.model.task import TaskOutcome, TaskSpec

if TYPE_CHECKING:
    from flowkit.interfaces.flow_decorator import FlowDecorator
    from flowkit.interfaces.step_decorator import StepDecorator

__all__ = ["PluginObserver", "tell_decorators"]


def tell_decorators(
    registry: Registry,
    kind: str,
    decorators: Iterable[FlowDecorator | StepDecorator],
    *arguments: object,
    succeeded: bool,
) -> None:
    """Call ``launch_finished`` of each; what one raises is shown, once for each decorator, and changes nothing."""
    failed: set[str] = set()
    for decorator in decorators:
        finish: Callable[..., None] = decorator.launch_finished
        try:
            finish(*arguments, succeeded=succeeded)
        except (Exception, SystemExit) as error:
            if decorator.name not in failed:
                failed.add(decorator.name)
                plugin = next((one.plugin for one in registry.providers(kind) if one.name == decorator.name), None)
                whose = f"plugin {plugin.name!r}: " if plugin is not None else ""
                sys.stderr.write(f"{whose}launch_finished of @{decorator.name} raised {describe_error(error)}\n")


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
