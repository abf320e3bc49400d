"""Errors of the data tools for S3."""

from __future__ import annotations

from flowkit.plugin import (
    ErrorFamily,
    InsufficientDiskSpace,
    ObjectAccessDenied,
    ObjectAccessFailed,
    ObjectNotFound,
    ObjectRangeError,
    ObjectURLError,
    ObjectValueError,
)

__all__ = [
    "ERRORS",
    "S3AccessDenied",
    "S3Exception",
    "S3InsufficientDiskSpace",
    "S3InvalidObject",
    "S3InvalidRange",
    "S3NotFound",
    "S3URLException",
]


class S3Exception(ObjectAccessFailed):
    """S3 refused a request, or can't be reached."""

    headline = "S3 access failed"


class S3NotFound(ObjectNotFound):
    """There is no such object, or no such local file to store."""

    headline = "S3 object not found"


class S3AccessDenied(ObjectAccessDenied):
    """The credentials don't allow it."""

    headline = "S3 access denied"


class S3URLException(ObjectURLError):
    """A key or URL isn't the address of an object of S3, or can't be used with this root."""

    headline = "Invalid address"


class S3InvalidRange(ObjectRangeError):
    """The object has no such range of bytes."""

    headline = "S3 invalid range"


class S3InvalidObject(ObjectValueError):
    """A value isn't text, bytes or a file that can be read and sought."""

    headline = "Can't be stored in S3"


class S3InsufficientDiskSpace(InsufficientDiskSpace):
    """A file that is fetched has no room on this machine."""


ERRORS = ErrorFamily(
    S3Exception,
    S3NotFound,
    S3AccessDenied,
    S3URLException,
    S3InvalidRange,
    S3InvalidObject,
    S3InsufficientDiskSpace,
)
