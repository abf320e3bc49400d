"""What the data tools for S3 take and return."""

from __future__ import annotations

from flowkit.plugin import GetObject, PutObject, RangeInfo, StoredObject

__all__ = ["RangeInfo", "S3GetObject", "S3Object", "S3PutObject"]


class S3Object(StoredObject):
    """An object of S3, perhaps with a local copy, or a prefix that a listing found."""


class S3GetObject(GetObject):
    """A range of an object: ``S3GetObject(key, offset, length)``; a negative length is from the end."""

    __slots__ = ()


class S3PutObject(PutObject):
    """An object to store: ``S3PutObject(key, value=…, content_type=…, metadata=…)``, or ``path`` for put_files."""

    __slots__ = ()
