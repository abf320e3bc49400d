"""What a metadata provider keeps about runs and tasks, and how it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

__all__ = [
    "AttemptRecord",
    "Change",
    "Metadatum",
    "Page",
    "RunFilter",
    "RunRecord",
    "RunStatus",
    "StepRecord",
    "TaskFilter",
    "TaskRecord",
    "TaskSearch",
    "TaskStatus",
]

RunStatus = Literal["running", "succeeded", "failed"]
TaskStatus = Literal["running", "succeeded", "failed", "cancelled"]


@attrs.frozen
class RunRecord:
    """One run. Times are seconds since the epoch."""

    flow: str
    run_id: str
    username: str
    created_at: float
    status: RunStatus = "running"
    finished_at: float | None = None
    #: Last sign of life of the launching process: a ``running`` run without one for long is dead.
    heartbeat_at: float | None = None
    tags: tuple[str, ...] = ()
    system_tags: tuple[str, ...] = ()
    origin_run_id: str | None = None
    #: Provider and root of the artifacts.
    datastore: str = "local"
    datastore_root: str = ""
    code: str = ""
    #: Facts of the run as JSON: plugins and their versions, the flow's file, the command line.
    info: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def archives(self) -> tuple[str, ...]:
        """SHA-256 of each archive that the run needs: its code, and FlowKit's own where tasks ran elsewhere."""
        return tuple(one for one in (self.code, str(self.info.get("framework_code", ""))) if one)


@attrs.frozen
class StepRecord:
    """One step of a run that has at least one task."""

    flow: str
    run_id: str
    step: str
    created_at: float


@attrs.frozen
class Metadatum:
    """One field of a task's metadata."""

    field: str
    value: str
    type: str = ""
    created_at: float = 0.0
    attempt: int = 0
    tags: tuple[str, ...] = ()


@attrs.frozen
class AttemptRecord:
    """One attempt of a task."""

    flow: str
    run_id: str
    step: str
    task_id: str
    attempt: int
    status: TaskStatus
    started_at: float
    finished_at: float | None = None
    #: Key of the manifest, if the attempt wrote one.
    manifest: str | None = None
    exit_code: int | None = None
    #: One line: type and message.
    failure: str = ""
    metadata: tuple[Metadatum, ...] = ()


@attrs.frozen
class TaskRecord:
    """One task, with the state of its latest attempt."""

    flow: str
    run_id: str
    step: str
    task_id: str
    created_at: float
    #: Grows with the order of creation within a run.
    ordinal: int
    status: TaskStatus = "running"
    #: Latest attempt, from 0.
    attempt: int = 0
    finished_at: float | None = None
    #: Key of the manifest of the attempt that counts.
    manifest: str | None = None
    #: Position in the enclosing foreaches, outermost first, as ``3/0``; empty outside.
    index_path: str = ""
    #: ``[[step, task_id, variable, index, num_splits], …]``, outermost first.
    frames: tuple[tuple[str, str, str, int, int | None], ...] = ()
    #: Which time round a loop of switches, from 0.
    iteration: int = 0
    #: What identifies the task in every run of the same graph, whatever its id: resume finds it by this.
    key: str = ""
    #: ``step/task`` of each input, where they are at most 64; else empty, and found by step and index path.
    parents: tuple[str, ...] = ()
    #: The task that this one is a copy of (resume): ``Flow/run/step/task``.
    origin_pathspec: str | None = None
    metadata: tuple[Metadatum, ...] = ()


#: One row that is added, or replaces the one of the same identity.
Change = RunRecord | StepRecord | TaskRecord | AttemptRecord


@attrs.frozen
class RunFilter:
    """Which runs; all conditions hold together."""

    tags: tuple[str, ...] = ()
    username: str | None = None
    status: RunStatus | None = None
    created_after: float | None = None
    created_before: float | None = None


@attrs.frozen
class TaskFilter:
    """Which tasks of a run; all conditions hold together."""

    step: str | None = None
    status: TaskStatus | None = None
    #: Exact position in the enclosing foreaches.
    index_path: str | None = None
    #: Positions below this one: ``3`` matches ``3/0`` and ``3``; the empty string matches all.
    index_prefix: str | None = None
    task_ids: tuple[str, ...] | None = None
    #: Metadata fields and the values that they must have.
    metadata: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class TaskSearch(TaskFilter):
    """Which tasks of a run, by more than a :class:`TaskFilter` knows; all conditions hold together."""

    #: What the innermost foreach gave the task, as :func:`flowkit.model.foreach_label.input_label` has it. Tasks in a
    #: foreach whose item isn't known match, too.
    input: str | None = None
    #: Number of the latest attempt, from 0.
    attempt: int | None = None


@attrs.frozen
class Page:
    """A part of a listing."""

    limit: int = 1000
    #: What the page before gave as its ``next``; None for the first.
    after: str | None = None
    newest_first: bool = True
