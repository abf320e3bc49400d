"""Reading what a collector of garbage has just set aside."""

from __future__ import annotations

from flowkit.errors import DatastoreError, KeyNotFound
from flowkit.interfaces.datastore import Datastore

__all__ = ["get_or_restore", "restored"]


def restored(datastore: Datastore, key: str) -> bool:
    """Bring an object back that was set aside; False if there is none, or this process may not write."""
    try:
        return datastore.restore(key)
    except DatastoreError:
        return False


def get_or_restore(datastore: Datastore, key: str, start: int = 0, length: int | None = None) -> bytes:
    """Bytes of an object, which is brought back if it was set aside. Raises KeyNotFound."""
    try:
        return datastore.get(key, start, length)
    except KeyNotFound:
        if not restored(datastore, key):
            raise
        return datastore.get(key, start, length)
