"""Task specifications and outcomes as JSON: how they reach, and come back from, a process that shares nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flowkit.artifacts.codec import (
    failure_from_dict,
    failure_to_dict,
    items_from_dict,
    items_to_dict,
    transition_from_dict,
    transition_to_dict,
)
from flowkit.errors import NewerFormatError
from flowkit.model.task import ForeachFrame, InputRef, RunSpec, StoreRef, TaskOutcome, TaskSpec

__all__ = ["outcome_from_json", "outcome_to_json", "spec_from_json", "spec_to_json"]

_VERSION = 1
_RUN_PLAIN = ("flow", "flow_file", "run_id", "username", "namespace", "origin_run_id", "environment", "code")
_RUN_TUPLES = ("tags", "system_tags", "decospecs")
_SPEC_PLAIN = (
    "step",
    "task_id",
    "attempt",
    "inputs_blob",
    "user_attempts",
    "fallback_attempts",
    "timeout_seconds",
    "retry_delay_seconds",
    "backend",
    "fork_safe",
)
_OUTCOME_PLAIN = (
    "status",
    "manifest",
    "exit_code",
    "retryable",
    "caught",
    "started_at",
    "finished_at",
    "peak_memory",
)


def spec_to_json(spec: TaskSpec) -> bytes:
    """One JSON object that :func:`spec_from_json` turns into an equal specification."""
    document = {name: getattr(spec, name) for name in _SPEC_PLAIN}
    document["version"] = _VERSION
    document["run"] = _run_to_dict(spec.run)
    document["inputs"] = [[one.step, one.task_id, one.attempt, one.manifest] for one in spec.inputs]
    document["frames"] = [_frame_to_dict(frame) for frame in spec.frames]
    document["closes"] = None if spec.closes is None else _frame_to_dict(spec.closes)
    for name in ("variables", "resources", "extra"):
        document[name] = dict(getattr(spec, name))
    return json.dumps(document, separators=(",", ":")).encode()


def spec_from_json(data: bytes | str) -> TaskSpec:
    """The specification again.

    Raises
    ------
    NewerFormatError
        If a newer FlowKit wrote it.
    """
    document = _checked(json.loads(data), "task specification")
    return TaskSpec(
        run=_run_from_dict(document["run"]),
        inputs=tuple(InputRef(*row) for row in document["inputs"]),
        frames=tuple(_frame_from_dict(frame) for frame in document["frames"]),
        closes=None if document["closes"] is None else _frame_from_dict(document["closes"]),
        variables=document["variables"],
        resources=document["resources"],
        extra=document["extra"],
        **{name: document[name] for name in _SPEC_PLAIN},
    )


def outcome_to_json(outcome: TaskOutcome) -> bytes:
    """One JSON object that :func:`outcome_from_json` turns into an equal outcome."""
    document = {name: getattr(outcome, name) for name in _OUTCOME_PLAIN}
    document["version"] = _VERSION
    document["transition"] = None if outcome.transition is None else transition_to_dict(outcome.transition)
    document["failure"] = None if outcome.failure is None else failure_to_dict(outcome.failure)
    document["metadata"] = dict(outcome.metadata)
    return json.dumps(document, separators=(",", ":")).encode()


def outcome_from_json(data: bytes | str) -> TaskOutcome:
    """The outcome again.

    Raises
    ------
    NewerFormatError
        If a newer FlowKit wrote it.
    """
    document = _checked(json.loads(data), "task outcome")
    transition, failure = document["transition"], document["failure"]
    return TaskOutcome(
        transition=None if transition is None else transition_from_dict(transition),
        failure=None if failure is None else failure_from_dict(failure),
        metadata=document["metadata"],
        **{name: document[name] for name in _OUTCOME_PLAIN},
    )


def _checked(document: dict[str, Any], what: str) -> dict[str, Any]:
    if document.get("version", 0) > _VERSION:
        raise NewerFormatError(
            f"this {what} has version {document['version']} and this FlowKit knows versions up to {_VERSION}: "
            "run the task with the FlowKit that launched the run, or a newer one"
        )
    return document


def _run_to_dict(run: RunSpec) -> dict[str, Any]:
    document = {name: getattr(run, name) for name in (*_RUN_PLAIN, *_RUN_TUPLES)}
    document["datastore"] = [run.datastore.name, run.datastore.root]
    document["metadata"] = [run.metadata.name, run.metadata.root]
    document["serializers"] = [list(pair) for pair in run.serializers]
    document["extra"] = dict(run.extra)
    document["variables"] = dict(run.variables)
    return document


def _run_from_dict(document: Mapping[str, Any]) -> RunSpec:
    fields: dict[str, Any] = {name: document[name] for name in _RUN_PLAIN}
    fields.update((name, tuple(document[name])) for name in _RUN_TUPLES)
    return RunSpec(
        datastore=StoreRef(*document["datastore"]),
        metadata=StoreRef(*document["metadata"]),
        serializers=tuple((kind, name) for kind, name in document["serializers"]),
        extra=document["extra"],
        variables=document["variables"],
        **fields,
    )


def _frame_to_dict(frame: ForeachFrame) -> dict[str, Any]:
    return {
        "step": frame.step,
        "task_id": frame.task_id,
        "variable": frame.variable,
        "index": frame.index,
        "num_splits": frame.num_splits,
        "items": None if frame.items is None else items_to_dict(frame.items),
        "control": frame.control,
        "control_task_id": frame.control_task_id,
    }


def _frame_from_dict(document: Mapping[str, Any]) -> ForeachFrame:
    items = document["items"]
    return ForeachFrame(**{**document, "items": None if items is None else items_from_dict(items)})
