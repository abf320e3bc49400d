"""What the tasks of one split all read, kept by the process that forks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowkit.artifacts.layout import blob_key
from flowkit.errors import FlowkitError

if TYPE_CHECKING:
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.model.artifact import ItemsRef, Manifest
    from flowkit.model.task import TaskSpec

__all__ = ["SharedInputs"]

#: Bytes of what is kept: more would cost each fork more than the reading.
_LARGEST = 1 << 20


class SharedInputs:
    """The manifest and the items that sibling tasks have in common, once a second of them has come.

    Neither changes after it was written.
    """

    def __init__(self) -> None:
        self._group = -1
        self._is_read = False
        self._manifests: dict[str, Manifest] = {}
        self._items: dict[str, bytes] = {}

    def wants(self, group: int) -> bool:
        """Take note of a task that is about to be forked. Whether :meth:`read` is to be called with it.

        Parameters
        ----------
        group
            A number that siblings have in common.
        """
        if group != self._group:
            self._group = group
            self._is_read = False
            self._manifests.clear()
            self._items.clear()
            return False
        return not self._is_read

    def read(self, spec: TaskSpec, store: ArtifactStore) -> None:
        """Read what the task has in common with its siblings, where that makes no connection."""
        self._is_read = True
        if len(spec.inputs) == 1 and store.datastore.is_mappable():
            try:
                self._read(spec.inputs[0].manifest, spec.frames[-1].items if spec.frames else None, store)
            except FlowkitError:
                return  # the task that misses it says so

    def _read(self, key: str, items: ItemsRef | None, store: ArtifactStore) -> None:
        info = store.datastore.info(key)
        if info is not None and info.size <= _LARGEST:
            self._manifests[key] = store.read_manifest(key)
        if items is not None and items.blob.size <= _LARGEST:
            self._items[items.blob.hash] = store.datastore.get(blob_key(store.flow, items.blob))

    def manifest(self, key: str) -> Manifest | None:
        """The manifest, if it is kept."""
        return self._manifests.get(key)

    def items(self, ref: ItemsRef) -> bytes | None:
        """The content of the items' object, if it is kept."""
        return self._items.get(ref.blob.hash)
