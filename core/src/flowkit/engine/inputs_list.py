"""The inputs of a wide join, kept as an object rather than in the task's specification."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flowkit.interfaces.datastore import Datastore
from flowkit.model.task import InputRef

__all__ = ["MOST_INLINE", "inputs_key", "load_inputs", "store_inputs"]

#: More inputs than this go to an object.
MOST_INLINE = 64


def inputs_key(flow: str, run_id: str, task_id: str) -> str:
    """Where the list of a task's inputs is."""
    return f"{flow}/runs/{run_id}/_inputs/{task_id}.json"


def store_inputs(datastore: Datastore, flow: str, run_id: str, task_id: str, inputs: Sequence[InputRef]) -> str:
    """Write the list; returns its key."""
    key = inputs_key(flow, run_id, task_id)
    rows = [[ref.step, ref.task_id, ref.attempt, ref.manifest] for ref in inputs]
    datastore.put(key, [json.dumps(rows, separators=(",", ":")).encode()], overwrite=True)
    return key


def load_inputs(datastore: Datastore, key: str) -> tuple[InputRef, ...]:
    """Read the list that :func:`store_inputs` wrote. Raises KeyNotFound."""
    return tuple(InputRef(*row) for row in json.loads(datastore.get(key)))
