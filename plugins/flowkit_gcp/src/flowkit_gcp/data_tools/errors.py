"""Errors of the data tools for Google Cloud Storage."""

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
    "GSAccessDenied",
    "GSException",
    "GSInsufficientDiskSpace",
    "GSInvalidObject",
    "GSInvalidRange",
    "GSNotFound",
    "GSURLException",
]


class GSException(ObjectAccessFailed):
    """Google Cloud Storage refused a request, or can't be reached."""

    headline = "Google Cloud Storage access failed"


class GSNotFound(ObjectNotFound):
    """There is no such object, or no such local file to store."""

    headline = "Google Cloud Storage object not found"


class GSAccessDenied(ObjectAccessDenied):
    """The credentials don't allow it."""

    headline = "Google Cloud Storage access denied"


class GSURLException(ObjectURLError):
    """A key or URL isn't the address of an object of Google Cloud Storage, or can't be used with this root."""

    headline = "Invalid address"


class GSInvalidRange(ObjectRangeError):
    """The object has no such range of bytes."""

    headline = "Google Cloud Storage invalid range"


class GSInvalidObject(ObjectValueError):
    """A value isn't text, bytes or a file that can be read and sought."""

    headline = "Can't be stored in Google Cloud Storage"


class GSInsufficientDiskSpace(InsufficientDiskSpace):
    """A file that is fetched has no room on this machine."""


ERRORS = ErrorFamily(
    GSException,
    GSNotFound,
    GSAccessDenied,
    GSURLException,
    GSInvalidRange,
    GSInvalidObject,
    GSInsufficientDiskSpace,
)
