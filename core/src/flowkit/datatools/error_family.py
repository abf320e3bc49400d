"""The errors of one service's data tools."""

from __future__ import annotations

import attrs

from flowkit.errors import (
    InsufficientDiskSpace,
    ObjectAccessDenied,
    ObjectAccessFailed,
    ObjectNotFound,
    ObjectRangeError,
    ObjectURLError,
    ObjectValueError,
)

__all__ = ["ErrorFamily"]


@attrs.frozen
class ErrorFamily:
    """Which class is raised for what; each is a subclass of the one that is given here."""

    failed: type[ObjectAccessFailed] = ObjectAccessFailed
    not_found: type[ObjectNotFound] = ObjectNotFound
    denied: type[ObjectAccessDenied] = ObjectAccessDenied
    url: type[ObjectURLError] = ObjectURLError
    range: type[ObjectRangeError] = ObjectRangeError
    value: type[ObjectValueError] = ObjectValueError
    disk: type[InsufficientDiskSpace] = InsufficientDiskSpace
