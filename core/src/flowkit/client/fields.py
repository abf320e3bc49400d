"""A task's metadata, from its record and from what was recorded with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, NamedTuple

from flowkit.client.run_context import PARAMETERS_STEP, RunContext
from flowkit.client.shown_attempt import ShownAttempt
from flowkit.model.foreach_label import FOREACH_STACK, position_label
from flowkit.model.record import RunRecord, TaskRecord

__all__ = ["RECORD_FIELDS", "RUN_TAGS", "Field", "Metadata", "fields_of"]

#: System tags of the run that are fields of its tasks.
RUN_TAGS = frozenset({"runtime", "python_version", "flowkit_version"})
#: Fields that are made up from the records of the task and its run where they weren't recorded by themselves.
RECORD_FIELDS = frozenset(
    {"attempt", "origin-run-id", "origin-task-id", "ds-type", "ds-root", FOREACH_STACK, "attempt_ok", "attempt-done"}
    | {"user", "script-name", *RUN_TAGS}
)


class Metadata(NamedTuple):
    """One field of a task's metadata."""

    name: str
    #: Text, but for ``foreach-stack``, which is a list of texts.
    value: Any
    #: Milliseconds since the epoch.
    created_at: int
    type: str
    #: The task.
    task: Any


class Field(NamedTuple):
    """A field before it is given to a task."""

    name: str
    value: Any
    #: Seconds since the epoch.
    at: float
    type: str


def fields_of(run: RunContext, task: TaskRecord, shown: ShownAttempt) -> Iterator[Field]:
    """The fields of one attempt: what the records say, then what was recorded, oldest first.

    A field that was recorded isn't made up from a record.
    """
    names = {metadatum.field for metadatum in shown.metadata}
    for field in _from_record(run.record, task, shown):
        if field.name not in names:
            yield field
    if task.step == PARAMETERS_STEP:
        info = run.graph_info()
        for name in ("start_step", "end_step"):
            yield Field(name, str(info.get(name, name.removesuffix("_step"))), task.created_at, name)
    for metadatum in shown.metadata:
        value = metadatum.value
        yield Field(
            metadatum.field,
            _as_list(value) if metadatum.field == FOREACH_STACK else value,
            metadatum.created_at,
            metadatum.type or metadatum.field,
        )


def _from_record(run: RunRecord, task: TaskRecord, shown: ShownAttempt) -> Iterator[Field]:
    at = task.created_at
    for name, value in _of_run(run):
        yield Field(name, value, at, name)
    yield Field("attempt", str(shown.number), at, "attempt")
    yield Field("origin-run-id", str(run.origin_run_id), at, "origin-run-id")
    if task.origin_pathspec is not None:
        yield Field("origin-task-id", task.origin_pathspec.rpartition("/")[2], at, "origin-task-id")
    yield Field("ds-type", run.datastore, at, "ds-type")
    yield Field("ds-root", run.datastore_root, at, "ds-root")
    if task.frames:
        # The items themselves are in the store; their positions are in the record.
        stack = [
            f"{variable}={position_label(index)}" if variable else f"num_parallel={index}"
            for _, _, variable, index, _ in task.frames
        ]
        yield Field(FOREACH_STACK, stack, at, FOREACH_STACK)
    if shown.status != "running":
        ended = shown.finished_at or at
        yield Field("attempt_ok", str(shown.status == "succeeded"), ended, "internal_attempt_status")
        yield Field("attempt-done", str(shown.number), ended, "attempt-done")


def _of_run(run: RunRecord) -> Iterator[tuple[str, str]]:
    """What is the same in all tasks of the run, from its record: a task stores none of it."""
    yield "user", run.username
    for tag in run.system_tags:
        name, _, value = tag.partition(":")
        if name in RUN_TAGS:
            yield name, value
    if file := run.info.get("flow_file"):
        yield "script-name", PurePath(str(file)).name


def _as_list(value: str) -> Any:
    import json

    try:
        return json.loads(value)
    except ValueError:
        return value
