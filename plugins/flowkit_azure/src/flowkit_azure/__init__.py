"""FlowKit on Microsoft Azure.

``from flowkit_azure import AzureBlob`` gives data tools as ``from flowkit import AzureBlob`` does, with types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit_azure.data_tools import (
        AzureBlob,
        AzureBlobAccessDenied,
        AzureBlobException,
        AzureBlobGetObject,
        AzureBlobInsufficientDiskSpace,
        AzureBlobInvalidObject,
        AzureBlobInvalidRange,
        AzureBlobNotFound,
        AzureBlobObject,
        AzureBlobPutObject,
        AzureBlobURLException,
        RangeInfo,
    )

__all__ = [
    "AzureBlob",
    "AzureBlobAccessDenied",
    "AzureBlobException",
    "AzureBlobGetObject",
    "AzureBlobInsufficientDiskSpace",
    "AzureBlobInvalidObject",
    "AzureBlobInvalidRange",
    "AzureBlobNotFound",
    "AzureBlobObject",
    "AzureBlobPutObject",
    "AzureBlobURLException",
    "RangeInfo",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name in __all__:
            # Not before: this package is imported at every start.
            from flowkit_azure import data_tools

            return getattr(data_tools, name)
        raise AttributeError(f"module 'flowkit_azure' has no attribute {name!r}")
