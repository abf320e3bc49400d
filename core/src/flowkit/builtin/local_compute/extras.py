"""What ``current`` answers in tasks of this machine beyond what every task has: objects of the client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit.model.task import TaskSpec

__all__ = ["current_extras"]


def current_extras(spec: TaskSpec) -> Mapping[str, Any]:
    """``run`` and ``task``, made when they are first asked for: the client costs more to load than a task to run."""

    def run() -> Any:
        from flowkit.client.run import Run

        return Run._at(_view(spec), (spec.run.flow, spec.run.run_id))

    def task() -> Any:
        from flowkit.client.task import Task

        return Task._at(_view(spec), tuple(spec.pathspec.split("/")))

    return {"run": run, "task": task}


def _view(spec: TaskSpec) -> Any:
    """Where the run is recorded, whatever today's configuration says; a task may always see its own run."""
    from flowkit.client.run_context import View

    return View(f"{spec.run.metadata.name}@{spec.run.metadata.root}", None)
