"""What a value would be called if it were stored: enough to tell that it is stored already, without loading that."""

from __future__ import annotations

from typing import Any

import attrs

from flowkit.artifacts.blobs import Blobs
from flowkit.artifacts.serializers import SerializerTable
from flowkit.artifacts.values import pend_value
from flowkit.interfaces.datastore import Buffer, Datastore
from flowkit.interfaces.staged import StagedObject
from flowkit.model.artifact import ArtifactEntry

__all__ = ["Fingerprint", "fingerprint"]


@attrs.frozen
class Fingerprint:
    """The stored form of a value, but for its bytes."""

    type: str
    serializer: str
    hash: str

    def is_of(self, entry: ArtifactEntry) -> bool:
        """Whether the entry's value has the same type and content. Equal values may have different content."""
        return (self.type, self.serializer, self.hash) == (entry.type, entry.serializer, entry.hash)


def fingerprint(value: Any, datastore: Datastore, flow: str, serializers: SerializerTable) -> Fingerprint:
    """Serialize a value, and keep nothing of it. Raises UnpicklableArtifact, ArtifactError."""
    pending = pend_value("the value", value, _Unstored(datastore, flow), serializers)
    try:
        return Fingerprint(pending.type, pending.serializer, pending.hash)
    finally:
        pending.discard()


class _Unstored(Blobs):
    """Blobs that are hashed, and not written."""

    def stage(self) -> StagedObject:
        """An object that goes nowhere."""
        return _Nowhere()


class _Nowhere(StagedObject):
    def write(self, data: Buffer) -> None:
        """Take the bytes, which are hashed by now."""

    def commit(self, key: str) -> bool:
        """Nothing was written."""
        return False

    def discard(self) -> None:
        """Nothing is there."""
