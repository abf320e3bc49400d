"""A task that is to run, and what became of it.

A :class:`TaskSpec` is all that a process anywhere needs to run one attempt of one task; it travels as one small JSON
document. What all tasks of a run share is in :class:`RunSpec`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

from flowkit.model.artifact import FailureSummary, ItemsRef, Transition

__all__ = ["ForeachFrame", "InputRef", "OutcomeStatus", "RunSpec", "StoreRef", "TaskOutcome", "TaskSpec"]


@attrs.frozen
class StoreRef:
    """A provider's name and where its data is: ``local`` and a folder, ``s3`` and a URL."""

    name: str
    root: str


@attrs.frozen
class RunSpec:
    """What all tasks of one run share."""

    flow: str
    #: The flow's file, absolute; run as ``__main__`` by every process of the run.
    flow_file: str
    run_id: str
    datastore: StoreRef
    metadata: StoreRef
    username: str
    namespace: str | None = None
    tags: tuple[str, ...] = ()
    system_tags: tuple[str, ...] = ()
    #: Decorators given by ``--with``, as text.
    decospecs: tuple[str, ...] = ()
    origin_run_id: str | None = None
    environment: str = "local"
    #: Hash of the code package, where there is one.
    code: str = ""
    #: Dotted types, and the serializers that were chosen for their values.
    serializers: tuple[tuple[str, str], ...] = ()
    #: Facts that plugins add: JSON values by the plugin's name.
    extra: Mapping[str, Any] = attrs.field(factory=dict)
    #: Environment variables by which a task's process uses the plugins that the launching one uses. A fresh interpreter
    #: sets them by itself, before it imports the flow.
    variables: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class ForeachFrame:
    """One level of ``foreach_stack()``: which item of which split this task is for."""

    #: The step and task that split.
    step: str
    task_id: str
    #: The artifact iterated over.
    variable: str
    index: int
    #: None where unbounded.
    num_splits: int | None
    #: Where the item's value is; None where the value is the index (``num_parallel``).
    items: ItemsRef | None = None
    #: The control task of an unbounded foreach: it says what the items are, and is for none of them.
    control: bool = False
    #: The task that leads the others of a ``num_parallel`` split.
    control_task_id: str | None = None


@attrs.frozen
class InputRef:
    """One input of a task: the attempt whose manifest it reads."""

    step: str
    task_id: str
    attempt: int
    #: Key of the manifest in the datastore. It may lie in an earlier run: a resumed run refers to what it reuses.
    manifest: str


@attrs.frozen
class TaskSpec:
    """One attempt of one task."""

    run: RunSpec
    step: str
    task_id: str
    attempt: int = 0
    inputs: tuple[InputRef, ...] = ()
    #: In place of ``inputs`` where they are many: a blob that lists them (JSON).
    inputs_blob: str | None = None
    #: Enclosing foreaches, outermost first.
    frames: tuple[ForeachFrame, ...] = ()
    #: Of a join that closes a foreach: that foreach, as its first branch sees it.
    closes: ForeachFrame | None = None
    #: Attempts that run the user's code, the first included.
    user_attempts: int = 1
    #: Attempts after those, that only handle the failure (``@catch``).
    fallback_attempts: int = 0
    #: Seconds after which the attempt is ended; 0 for no limit.
    timeout_seconds: float = 0
    #: Seconds between a failure and the next attempt, where the backend waits at all.
    retry_delay_seconds: float = 0
    #: Environment variables set before the flow is imported.
    variables: Mapping[str, str] = attrs.field(factory=dict)
    #: ``cpu``, ``memory``, ``gpu``…: what was asked for.
    resources: Mapping[str, Any] = attrs.field(factory=dict)
    #: Name of the compute backend.
    backend: str = "local"
    #: Whether a process that has imported the flow may fork this task (else a fresh interpreter runs it).
    fork_safe: bool = True
    #: JSON values by decorator name: what a decorator's ``plan`` hands to its ``around``.
    extra: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def is_fallback(self) -> bool:
        """Whether this attempt only handles the failure of those before it."""
        return self.attempt >= self.user_attempts

    @property
    def is_control(self) -> bool:
        """Whether this task only says what the items of an unbounded foreach are."""
        return bool(self.frames) and self.frames[-1].control

    @property
    def pathspec(self) -> str:
        """``Flow/run/step/task``."""
        return f"{self.run.flow}/{self.run.run_id}/{self.step}/{self.task_id}"


#: ``failed``: the user's code raised. ``crashed``: the process ended otherwise (a signal, ``os._exit``, out of
#: memory). ``timed_out``: it was ended for its time. ``cancelled``: the run ended it.
OutcomeStatus = Literal["succeeded", "failed", "crashed", "timed_out", "cancelled"]


@attrs.frozen
class TaskOutcome:
    """How one attempt ended."""

    status: OutcomeStatus
    transition: Transition | None = None
    failure: FailureSummary | None = None
    #: Key of the attempt's manifest, if it wrote one.
    manifest: str | None = None
    #: The process's exit status; negative is the signal that ended it.
    exit_code: int | None = None
    #: A later attempt would not help (bad graph, value that can't be stored).
    retryable: bool = True
    #: A decorator handled the exception: the task counts as done.
    caught: bool = False
    started_at: float = 0.0
    finished_at: float = 0.0
    #: Peak resident memory, bytes, where known.
    peak_memory: int | None = None
    #: Metadata that the attempt wants recorded: field to value.
    metadata: Mapping[str, str] = attrs.field(factory=dict)
