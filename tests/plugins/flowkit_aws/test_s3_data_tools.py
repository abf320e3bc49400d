"""``S3``, against a server of S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flowkit.datatools import DataTools
from flowkit_aws.data_tools import S3
from support.servers.data_tools_tests import DataToolsTests
from support.servers.fault_proxy import FaultProxy, fault_proxy


class TestS3(DataToolsTests):
    scheme = "s3"

    @pytest.fixture
    def bucket_name(self, bucket: str) -> str:
        return bucket

    @pytest.fixture
    def proxy(self, aws: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
        with fault_proxy(aws) as proxy:
            monkeypatch.setenv("FLOWKIT_S3_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}")
            yield proxy

    def make_tool(self, root: str | None, **arguments: Any) -> DataTools[Any]:
        return S3(s3root=root, **arguments)
