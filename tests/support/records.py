"""What a run left behind, read by the tests without the client."""

from __future__ import annotations

from collections import Counter

from flowkit.kernel.registry import default_registry
from flowkit.model.record import RunRecord, TaskRecord
from support.project import Project

__all__ = ["latest_run", "tasks_of", "trace_of"]


def latest_run(project: Project, flow: str) -> RunRecord | None:
    """The newest run of a flow."""
    metadata = default_registry().get("metadata_providers", "local").open(str(project.store), read_only=True)
    try:
        return next(iter(metadata.all_runs(flow)), None)
    finally:
        metadata.close()


def tasks_of(project: Project, run: RunRecord) -> list[TaskRecord]:
    """All tasks of a run, first to last."""
    metadata = default_registry().get("metadata_providers", "local").open(str(project.store), read_only=True)
    try:
        return list(metadata.all_tasks(run.flow, run.run_id, newest_first=False))
    finally:
        metadata.close()


def trace_of(tasks: list[TaskRecord]) -> Counter[tuple[str, tuple[str, ...]]]:
    """Which tasks ran with which inputs, by keys."""
    key = {f"{task.step}/{task.task_id}": task.key for task in tasks}
    return Counter((task.key, tuple(key[parent] for parent in task.parents)) for task in tasks)
