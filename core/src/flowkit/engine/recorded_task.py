"""A task that was recorded, as a specification again: its inputs and its place in splits.

For what runs, or looks into, one task of an earlier run: ``spin`` and ``flowkit debug``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs

from flowkit.artifacts.store import ArtifactStore
from flowkit.engine.inputs_list import inputs_key, load_inputs
from flowkit.errors import DatastoreError, FlowkitError, NotFound
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.artifact import ItemsRef
from flowkit.model.graph import Graph
from flowkit.model.record import RunRecord, TaskFilter, TaskRecord
from flowkit.model.task import ForeachFrame, InputRef

__all__ = ["RecordedTask", "RerunError"]

_Frame = tuple[str, str, str, int, int | None]


class RerunError(FlowkitError):
    """A task of an earlier run can't be run again by itself, nor be looked into."""

    headline = "Can't run the task again"


class RecordedTask:
    """One task of an earlier run.

    Parameters
    ----------
    metadata, store
        Where the run is recorded, and its artifacts.
    graph
        The flow as it is now.
    """

    def __init__(
        self, metadata: MetadataProvider, store: ArtifactStore, graph: Graph, run: RunRecord, task: TaskRecord
    ) -> None:
        self._metadata = metadata
        self._store = store
        self._graph = graph
        self.run = run
        self.record = task

    def place(self, parameters: InputRef) -> Mapping[str, Any]:
        """``inputs``, ``inputs_blob``, ``frames`` and ``closes`` of its ``TaskSpec``.

        Parameters
        ----------
        parameters
            What the flow's first step reads.

        Raises
        ------
        RerunError
            If its inputs can't be found any more, or it is a task that only FlowKit itself can start.
        """
        try:
            return self._place(parameters)
        except (NotFound, DatastoreError) as error:
            raise RerunError(f"the inputs of {self._title} can't be read: {error.message}") from error

    def _place(self, parameters: InputRef) -> Mapping[str, Any]:
        if self.record.step not in self._graph:
            raise RerunError(f"{self._graph.name} has no step {self.record.step!r} any more")
        if self.record.key.rpartition("/")[0].endswith("[control]"):
            raise RerunError(f"{self._title} only says what the items of its foreach are; name a task of an item")
        if self.record.step == self._graph.start:
            return {"inputs": (parameters,), "frames": ()}
        return {
            "inputs": self._inputs if self._blob is None else (),
            "inputs_blob": self._blob,
            "frames": tuple(self._frame(frame) for frame in self.record.frames),
            "closes": self._closed(),
        }

    @property
    def _title(self) -> str:
        return f"{self.record.flow}/{self.record.run_id}/{self.record.step}/{self.record.task_id}"

    @cached_property
    def _inputs(self) -> tuple[InputRef, ...]:
        """Those that are listed in the record."""
        return tuple(self._input(*name.split("/", 1)) for name in self.record.parents)

    def _input(self, step: str, task_id: str) -> InputRef:
        task = self._metadata.task(self.run.flow, self.run.run_id, step, task_id)
        if task is None or task.manifest is None:
            raise RerunError(f"{self._title} can't be run again: its input {step}/{task_id} isn't recorded any more")
        return InputRef(step, task_id, task.attempt, task.manifest)

    @cached_property
    def _blob(self) -> str | None:
        """Key of the list of inputs, where they are many; one that was taken over has that of the task that ran."""
        if self.record.parents:
            return None
        key = inputs_key(self.run.flow, self.run.run_id, self.record.task_id)
        if self._store.datastore.info(key) is not None:
            return key
        origin = self._origin()
        if origin is not None:
            return origin._blob
        raise RerunError(f"{self._title} can't be run again: the list of its inputs is gone")

    def _origin(self) -> RecordedTask | None:
        """The task that this one was taken over from."""
        if self.record.origin_pathspec is None:
            return None
        flow, run_id, step, task_id = self.record.origin_pathspec.split("/")
        run = self._metadata.run(flow, run_id)
        task = self._metadata.task(flow, run_id, step, task_id)
        if run is None or task is None:
            return None
        return RecordedTask(self._metadata, self._store, self._graph, run, task)

    # --- splits ----------------------------------------------------------------------------------------------------

    def _frame(self, frame: _Frame) -> ForeachFrame:
        step, task_id, variable, index, width = frame
        return ForeachFrame(step, task_id, variable, index, width, self._items(frame))

    def _items(self, frame: _Frame) -> ItemsRef | None:
        step, task_id, variable, _, width = frame
        if not variable:  # num_parallel: the value is the index
            return None
        split = self._metadata.task(self.run.flow, self.run.run_id, step, task_id)
        if split is not None and width is None:
            split = self._control_of(split)
        if split is None or split.manifest is None:
            raise RerunError(f"{self._title} can't be run again: the task that split, {step}/{task_id}, is gone")
        transition = self._store.read_manifest(split.manifest).transition
        return None if transition is None else transition.items

    def _control_of(self, split: TaskRecord) -> TaskRecord | None:
        """The task that said what the items of an unbounded foreach are."""
        for step in self._graph[split.step].out_funcs:
            where = TaskFilter(step=step, index_prefix=split.index_path or None)
            for task in self._metadata.all_tasks(self.run.flow, self.run.run_id, where, newest_first=False):
                if task.key == f"{split.key}[control]/{step}":
                    return task
        return None

    def _closed(self) -> ForeachFrame | None:
        """Of a join: the foreach that it closes, as its first branch sees it."""
        if not self._graph[self.record.step].is_join:
            return None
        first = self._inputs[0] if self._blob is None else load_inputs(self._store.datastore, self._blob)[0]
        # The ids of a list are those of the run that wrote it.
        run_id = self.run.run_id if self._blob is None else self._blob.split("/")[2]
        branch = self._metadata.task(self.run.flow, run_id, first.step, first.task_id)
        if branch is None or len(branch.frames) <= len(self.record.frames):
            return None
        return attrs.evolve(self._frame(branch.frames[-1]), index=0)
