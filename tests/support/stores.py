"""Datastores for tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.interfaces.datastore import Datastore, ObjectAside, ObjectInfo
from flowkit.interfaces.staged import StagedObject

__all__ = ["ReadingDatastore"]


class ReadingDatastore(LocalDatastore):
    """A folder used as a store far away would be: read rather than mapped, and without renaming."""

    def is_mappable(self) -> bool:
        """Not as far as the artifacts know."""
        return False

    def stage(self, prefix: str = "") -> StagedObject:
        """What the base class does."""
        return Datastore.stage(self, prefix)

    def set_aside(self, objects: Iterable[ObjectInfo]) -> Iterator[ObjectInfo]:
        """What the base class does."""
        return Datastore.set_aside(self, objects)

    def list_aside(self, prefix: str = "") -> Iterator[ObjectAside]:
        """What the base class does."""
        return Datastore.list_aside(self, prefix)

    def restore(self, key: str) -> bool:
        """What the base class does."""
        return Datastore.restore(self, key)

    def drop_aside(self, objects: Iterable[ObjectAside]) -> None:
        """What the base class does."""
        Datastore.drop_aside(self, objects)
