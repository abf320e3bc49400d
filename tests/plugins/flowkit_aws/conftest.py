"""Fixtures of the tests of flowkit-aws."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from support.need import need_module
from support.servers.fixtures import moto

__all__ = ["aws", "bucket", "moto", "s3"]


@pytest.fixture
def aws(moto: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a server of AWS, for which this process is configured."""
    need_module("boto3")
    for name, value in {
        "HOME": str(tmp_path_factory.mktemp("home")),
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "FLOWKIT_AWS_ENDPOINT_URL": moto,
        "FLOWKIT_AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    return moto


@pytest.fixture
def s3(aws: str) -> Iterator[Any]:
    """A client of the server that isn't FlowKit's."""
    import boto3

    client = boto3.client("s3", endpoint_url=aws, region_name="us-east-1")
    yield client
    client.close()


@pytest.fixture
def bucket(s3: Any) -> str:
    """A new bucket."""
    name = f"bucket-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=name)
    return name
