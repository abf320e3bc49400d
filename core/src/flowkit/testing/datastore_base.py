"""What the groups of a datastore's tests share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from flowkit.interfaces.datastore import Datastore

__all__ = ["RawAccess"]


class RawAccess(ABC):
    """Access to what is stored that passes the datastore by; see DatastoreContract."""

    #: Bytes of the longest key that the store must take; a service may have a limit of its own.
    longest_key: ClassVar[int] = 4096

    @abstractmethod
    def raw_get(self, store: Datastore, key: str) -> bytes | None:
        """The content of an object; None if there is none."""

    @abstractmethod
    def raw_put(self, store: Datastore, key: str, content: bytes) -> None:
        """Write an object."""

    @abstractmethod
    def raw_list(self, store: Datastore) -> set[str]:
        """All keys."""
