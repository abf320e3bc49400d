"""What the datastore s3 asks of the service, and what it survives."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from flowkit_aws.s3_datastore import S3Datastore
from support.servers.fault_proxy import FaultProxy, fault_proxy
from support.servers.remote_store_tests import RemoteStoreTests


@pytest.fixture
def proxy(aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    with fault_proxy(aws) as proxy:
        monkeypatch.setenv("FLOWKIT_S3_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}")
        yield proxy


class TestS3(RemoteStoreTests):
    removals: ClassVar[int] = 1
    removal_method: ClassVar[str] = "POST"
    # Begin, four parts, end.
    large_put: ClassVar[int] = 6

    @pytest.fixture(autouse=True)
    def server(self, bucket: str) -> None:
        self.bucket = bucket

    def make_store(self, **arguments: Any) -> S3Datastore:
        return S3Datastore(f"s3://{self.bucket}/{uuid.uuid4().hex}", **arguments)
