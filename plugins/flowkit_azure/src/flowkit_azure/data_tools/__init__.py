"""Data tools for Azure Blob Storage.

>>> from flowkit import AzureBlob
>>> with AzureBlob(azureroot="azure://container/folder") as files:
...     url = files.put("hello.txt", "hello")
...     print(files.get("hello.txt").text)
hello
"""

from flowkit_azure.data_tools.azure_blob import AzureBlob
from flowkit_azure.data_tools.errors import (
    AzureBlobAccessDenied,
    AzureBlobException,
    AzureBlobInsufficientDiskSpace,
    AzureBlobInvalidObject,
    AzureBlobInvalidRange,
    AzureBlobNotFound,
    AzureBlobURLException,
)
from flowkit_azure.data_tools.objects import AzureBlobGetObject, AzureBlobObject, AzureBlobPutObject, RangeInfo

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
