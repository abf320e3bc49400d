"""Errors of the data tools for Azure Blob Storage."""

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
    "AzureBlobAccessDenied",
    "AzureBlobException",
    "AzureBlobInsufficientDiskSpace",
    "AzureBlobInvalidObject",
    "AzureBlobInvalidRange",
    "AzureBlobNotFound",
    "AzureBlobURLException",
]


class AzureBlobException(ObjectAccessFailed):
    """Azure Blob Storage refused a request, or can't be reached."""

    headline = "Azure Blob Storage access failed"


class AzureBlobNotFound(ObjectNotFound):
    """There is no such object, or no such local file to store."""

    headline = "Azure Blob Storage object not found"


class AzureBlobAccessDenied(ObjectAccessDenied):
    """The credentials don't allow it."""

    headline = "Azure Blob Storage access denied"


class AzureBlobURLException(ObjectURLError):
    """A key or URL isn't the address of an object of Azure Blob Storage, or can't be used with this root."""

    headline = "Invalid address"


class AzureBlobInvalidRange(ObjectRangeError):
    """The object has no such range of bytes."""

    headline = "Azure Blob Storage invalid range"


class AzureBlobInvalidObject(ObjectValueError):
    """A value isn't text, bytes or a file that can be read and sought."""

    headline = "Can't be stored in Azure Blob Storage"


class AzureBlobInsufficientDiskSpace(InsufficientDiskSpace):
    """A file that is fetched has no room on this machine."""


ERRORS = ErrorFamily(
    AzureBlobException,
    AzureBlobNotFound,
    AzureBlobAccessDenied,
    AzureBlobURLException,
    AzureBlobInvalidRange,
    AzureBlobInvalidObject,
    AzureBlobInsufficientDiskSpace,
)
