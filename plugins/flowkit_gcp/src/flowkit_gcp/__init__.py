"""FlowKit on Google Cloud.

``from flowkit_gcp import GS`` gives data tools as ``from flowkit import GS`` does, with types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit_gcp.data_tools import (
        GS,
        GSAccessDenied,
        GSException,
        GSGetObject,
        GSInsufficientDiskSpace,
        GSInvalidObject,
        GSInvalidRange,
        GSNotFound,
        GSObject,
        GSPutObject,
        GSURLException,
        RangeInfo,
    )

__all__ = [
    "GS",
    "GSAccessDenied",
    "GSException",
    "GSGetObject",
    "GSInsufficientDiskSpace",
    "GSInvalidObject",
    "GSInvalidRange",
    "GSNotFound",
    "GSObject",
    "GSPutObject",
    "GSURLException",
    "RangeInfo",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in __all__:
            # Not before: this package is imported at every start.
            from flowkit_gcp import data_tools

            return getattr(data_tools, name)
        raise AttributeError(f"module 'flowkit_gcp' has no attribute {name!r}")
