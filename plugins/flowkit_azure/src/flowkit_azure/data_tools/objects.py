"""What the data tools for Azure Blob Storage take and return."""

from __future__ import annotations

from flowkit.plugin import GetObject, PutObject, RangeInfo, StoredObject

__all__ = ["AzureBlobGetObject", "AzureBlobObject", "AzureBlobPutObject", "RangeInfo"]


class AzureBlobObject(StoredObject):
    """An object of Azure Blob Storage, perhaps with a local copy, or a prefix that a listing found."""


class AzureBlobGetObject(GetObject):
    """A range of an object: ``AzureBlobGetObject(key, offset, length)``; a negative length is from the end."""

    __slots__ = ()


class AzureBlobPutObject(PutObject):
    """An object to store: ``AzureBlobPutObject(key, value=…, metadata=…)``, or ``path`` for put_files."""

    __slots__ = ()
