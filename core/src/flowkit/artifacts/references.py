"""What a manifest keeps alive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from flowkit.artifacts.items import blobs_of_items
from flowkit.artifacts.layout import blob_key
from flowkit.errors import KeyNotFound
from flowkit.interfaces.datastore import Datastore
from flowkit.model.artifact import ArtifactEntry, BlobRef, Manifest

__all__ = ["blob_keys_of"]


def blob_keys_of(manifest: Manifest, datastore: Datastore) -> set[str]:
    """Keys of all blobs that the manifest names, and of those that the items of its split name.

    Raises
    ------
    CorruptedBlobError
        If the items are damaged, so that what they name isn't known. Items that are gone name nothing.
    """
    found = {blob_key(manifest.flow, ref) for entry in manifest.artifacts.values() for ref in _blobs_of(entry)}
    items = manifest.transition.items if manifest.transition is not None else None
    if items is not None:
        found.add(blob_key(manifest.flow, items.blob))
        with suppress(KeyNotFound):
            found.update(blob_key(manifest.flow, ref) for ref in blobs_of_items(items, datastore, manifest.flow))
    return found


def _blobs_of(entry: ArtifactEntry) -> Iterator[BlobRef]:
    if entry.payload is not None:
        yield entry.payload
    for buffer in entry.buffers:
        yield buffer.blob
