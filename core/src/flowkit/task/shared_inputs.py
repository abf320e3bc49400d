"""What the tasks of one split all read, kept by the process that forks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from flowkit.artifacts.codec import manifest_from_json
from flowkit.artifacts.layout import blob_key
from flowkit.errors import FlowkitError

if TYPE_CHECKING:
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.model.artifact import ItemsRef, Manifest
    from flowkit.model.task import TaskSpec

__all__ = ["Contents", "Reader", "SharedInputs"]

#: Contents of a manifest and of an object of items; None for what isn't kept.
Contents = tuple[bytes | None, bytes | None]
#: Bytes of what is kept: more would cost each fork more than the reading.
_LARGEST = 1 << 20


class Reader(Protocol):
    """Another process that reads."""

    def receive(self) -> Contents | None:
        """What it has read; None if it hasn't sent all of it yet. Doesn't wait."""

    def close(self) -> None:
        """Take no more."""


class SharedInputs:
    """The manifest and the items that sibling tasks have in common, once a second of them has come.

    Neither changes after it was written.

    Parameters
    ----------
    start_reader
        Has another process read them, where reading makes a connection: this one is forked, and its children would
        share that. Tasks that come before the result is there read for themselves.
    """

    def __init__(self, start_reader: Callable[[Callable[[], Contents]], Reader] | None = None) -> None:
        self._start_reader = start_reader
        self._reader: tuple[Reader, TaskSpec] | None = None
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
            self._close_reader()
            return False
        if self._reader is not None:
            self._receive(*self._reader)
        return not self._is_read

    def read(self, spec: TaskSpec, store: ArtifactStore) -> None:
        """Read what the task has in common with its siblings, or have it read."""
        self._is_read = True
        if len(spec.inputs) != 1:
            return
        if store.datastore.is_mappable():
            try:
                self._read(spec.inputs[0].manifest, _items_of(spec), store)
            except FlowkitError:
                return  # the task that misses it says so
        elif self._start_reader is not None:
            self._reader = self._start_reader(lambda: _fetch(spec, store)), spec

    def _read(self, key: str, items: ItemsRef | None, store: ArtifactStore) -> None:
        info = store.datastore.info(key)
        if info is not None and info.size <= _LARGEST:
            self._manifests[key] = store.read_manifest(key)
        if items is not None and items.blob.size <= _LARGEST:
            self._items[items.blob.hash] = store.datastore.get(blob_key(store.flow, items.blob))

    def _receive(self, reader: Reader, spec: TaskSpec) -> None:
        contents = reader.receive()
        if contents is None:
            return
        self._close_reader()
        manifest, items = contents
        key, ref = spec.inputs[0].manifest, _items_of(spec)
        try:
            if manifest is not None:
                self._manifests[key] = manifest_from_json(manifest, key)
        except FlowkitError:
            return  # the task that reads it says so
        if items is not None and ref is not None:
            self._items[ref.blob.hash] = items

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader[0].close()
            self._reader = None

    def manifest(self, key: str) -> Manifest | None:
        """The manifest, if it is kept."""
        return self._manifests.get(key)

    def items(self, ref: ItemsRef) -> bytes | None:
        """The content of the items' object, if it is kept."""
        return self._items.get(ref.blob.hash)


def _fetch(spec: TaskSpec, store: ArtifactStore) -> Contents:
    """Done in the other process."""
    items = _items_of(spec)
    manifest = store.datastore.get(spec.inputs[0].manifest)
    is_small = items is not None and items.blob.size <= _LARGEST
    return (
        manifest if len(manifest) <= _LARGEST else None,
        store.datastore.get(blob_key(store.flow, items.blob)) if items is not None and is_small else None,
    )


def _items_of(spec: TaskSpec) -> ItemsRef | None:
    return spec.frames[-1].items if spec.frames else None
