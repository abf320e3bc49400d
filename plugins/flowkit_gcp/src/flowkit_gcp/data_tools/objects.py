"""What the data tools for Google Cloud Storage take and return."""

from __future__ import annotations

from flowkit.plugin import GetObject, PutObject, RangeInfo, StoredObject

__all__ = ["GSGetObject", "GSObject", "GSPutObject", "RangeInfo"]


class GSObject(StoredObject):
    """An object of Google Cloud Storage, perhaps with a local copy, or a prefix that a listing found."""


class GSGetObject(GetObject):
    """A range of an object: ``GSGetObject(key, offset, length)``; a negative length is from the end."""

    __slots__ = ()


class GSPutObject(PutObject):
    """An object to store: ``GSPutObject(key, value=…, metadata=…)``, or ``path`` for put_files."""

    __slots__ = ()
