"""What a task inherits: manifests of its inputs, read when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs

from flowkit.artifacts.layout import manifest_key
from flowkit.authoring.inputs import Input, Inputs
from flowkit.engine.inputs_list import load_inputs
from flowkit.model.artifact import ArtifactEntry, Manifest
from flowkit.model.graph import Graph
from flowkit.model.task import ForeachFrame, InputRef, TaskSpec

if TYPE_CHECKING:
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.task.shared_inputs import SharedInputs

__all__ = ["Inherited"]


class Inherited:
    """The inputs of one task.

    Parameters
    ----------
    kept
        Names that a join inherits too: parameters, configurations and class constants.
    shared
        What was read already.
    """

    def __init__(
        self,
        spec: TaskSpec,
        store: ArtifactStore,
        *,
        graph: Graph,
        flow_class: type[Any],
        kept: Collection[str],
        shared: SharedInputs | None = None,
    ) -> None:
        self._spec = spec
        self._store = store
        self._is_join = graph[spec.step].is_join
        self._flow_class = flow_class
        self._kept = kept
        self._shared = shared
        self._manifests: dict[str, Manifest] = {}

    @cached_property
    def refs(self) -> tuple[InputRef, ...]:
        """All inputs, in order."""
        if self._spec.inputs_blob is not None:
            return load_inputs(self._store.datastore, self._spec.inputs_blob)
        return self._spec.inputs

    @cached_property
    def entries(self) -> Mapping[str, ArtifactEntry]:
        """What the task has before its body runs. Those of a join are few."""
        if not self.refs:
            return {}
        artifacts = self._manifest(self.refs[0]).artifacts
        if self._is_join:
            artifacts = {name: artifacts[name] for name in self._kept if name in artifacts}
        if self._spec.run.origin_run_id is None:
            return artifacts
        # An input taken over from an earlier run has that run's constants: those of today's code count.
        run = self._spec.run
        constants = self._store.read_manifest(manifest_key(run.flow, run.run_id, "_parameters", "0", 0)).artifacts
        return {**artifacts, **constants}

    @property
    def stored_entries(self) -> Mapping[str, ArtifactEntry]:
        """Those of ``entries`` that lie in the store, and may be referred to."""
        return self.entries

    def load_given(self, flow: Any) -> None:
        """Have ``flow`` hold the artifacts that aren't in the store: none here."""
        return

    def load(self, name: str) -> Any:
        """One inherited artifact. Raises KeyError if there is none."""
        return self._store.load(self.entries[name], name=name)

    def load_item(self, frame: ForeachFrame) -> Any:
        """The item of the split that this task is for; the index where the split had no items."""
        if frame.items is None:
            return frame.index
        content = None if self._shared is None else self._shared.items(frame.items)
        return self._store.load_item(frame.items, frame.index, content=content)

    def inputs(self) -> Inputs | None:
        """What a join's method is given; None for other steps."""
        if not self._is_join:
            return None
        return Inputs([self._input(index, ref) for index, ref in enumerate(self.refs)])

    def _input(self, index: int, ref: InputRef) -> Input:
        entries = self._entries_of(ref)
        frames = self._spec.frames
        if self._spec.closes is not None:
            frames = (*frames, attrs.evolve(self._spec.closes, index=index))
        return Input(
            ref.step,
            ref.task_id,
            lambda name: self._store.load(entries()[name], name=name),
            entries,
            frames=frames,
            load_item=self.load_item,
            flow_class=self._flow_class,
        )

    def _entries_of(self, ref: InputRef) -> Callable[[], Mapping[str, ArtifactEntry]]:
        return lambda: self._manifest(ref).artifacts

    def _manifest(self, ref: InputRef) -> Manifest:
        manifest = self._manifests.get(ref.manifest)
        if manifest is None and self._shared is not None:
            manifest = self._shared.manifest(ref.manifest)
        if manifest is None:
            manifest = self._manifests[ref.manifest] = self._store.read_manifest(ref.manifest)
        return manifest
