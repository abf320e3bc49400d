"""Datastores for tests."""

from __future__ import annotations

from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.interfaces.datastore import Datastore
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
