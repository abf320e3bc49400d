"""Data tools for Google Cloud Storage.

>>> from flowkit import GS
>>> with GS(gsroot="gs://bucket/folder") as files:
...     url = files.put("hello.txt", "hello")
...     print(files.get("hello.txt").text)
hello
"""

from flowkit_gcp.data_tools.errors import (
    GSAccessDenied,
    GSException,
    GSInsufficientDiskSpace,
    GSInvalidObject,
    GSInvalidRange,
    GSNotFound,
    GSURLException,
)
from flowkit_gcp.data_tools.gs import GS
from flowkit_gcp.data_tools.objects import GSGetObject, GSObject, GSPutObject, RangeInfo

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
