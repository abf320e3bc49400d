"""FlowKit on Amazon Web Services.

``from flowkit_aws import S3`` gives data tools as ``from flowkit import S3`` does, with types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit_aws.data_tools import (
        S3,
        RangeInfo,
        S3AccessDenied,
        S3Exception,
        S3GetObject,
        S3InsufficientDiskSpace,
        S3InvalidObject,
        S3InvalidRange,
        S3NotFound,
        S3Object,
        S3PutObject,
        S3URLException,
    )

__all__ = [
    "S3",
    "RangeInfo",
    "S3AccessDenied",
    "S3Exception",
    "S3GetObject",
    "S3InsufficientDiskSpace",
    "S3InvalidObject",
    "S3InvalidRange",
    "S3NotFound",
    "S3Object",
    "S3PutObject",
    "S3URLException",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in __all__:
            # Not before: this package is imported at every start.
            from flowkit_aws import data_tools

            return getattr(data_tools, name)
        raise AttributeError(f"module 'flowkit_aws' has no attribute {name!r}")
