"""Data tools for S3.

>>> from flowkit import S3
>>> with S3(s3root="s3://bucket/folder") as s3:
...     url = s3.put("hello.txt", "hello")
...     print(s3.get("hello.txt").text)
hello
"""

from flowkit_aws.data_tools.errors import (
    S3AccessDenied,
    S3Exception,
    S3InsufficientDiskSpace,
    S3InvalidObject,
    S3InvalidRange,
    S3NotFound,
    S3URLException,
)
from flowkit_aws.data_tools.objects import RangeInfo, S3GetObject, S3Object, S3PutObject
from flowkit_aws.data_tools.s3 import S3

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
