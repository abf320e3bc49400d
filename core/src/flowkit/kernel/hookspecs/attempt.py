"""Hooks in the process of a task."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from flowkit.kernel.markers import hookspec

if TYPE_CHECKING:
    from flowkit.model.task import TaskSpec


@hookspec
def flowkit_task_scope(task: TaskSpec) -> AbstractContextManager[object] | None:
    """A context manager that is entered before an attempt loads its inputs, and left after its artifacts are stored.

    Fires once for each attempt, in the task's own process; called by the task layer. Returns a context manager, or
    None for a task that the plugin doesn't care about. All results are collected and entered in the plugins' order.
    The manager is told of the attempt's exception, if there is one, and can't suppress it. An error in the plugin is
    shown once and doesn't fail the attempt.
    """
    return None
