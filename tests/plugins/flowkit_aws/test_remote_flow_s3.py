"""A flow whose artifacts, logs and cards are in S3."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from support.project import Project
from support.servers.fault_proxy import FaultProxy, fault_proxy
from support.servers.remote_flow_tests import Environment, LostLogTests


@pytest.fixture
def proxy(aws: str) -> Iterator[FaultProxy]:
    with fault_proxy(aws) as proxy:
        yield proxy


class TestS3(LostLogTests):
    @pytest.fixture
    def environment(self, proxy: FaultProxy, bucket: str) -> Environment:
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "FLOWKIT_AWS_REGION")
        return {
            **{name: os.environ[name] for name in names},
            "FLOWKIT_S3_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}",
            "FLOWKIT_DATASTORE": "s3",
            "FLOWKIT_DATASTORE_SYSROOT_S3": f"s3://{bucket}/some/prefix",
        }

    @pytest.mark.parametrize("after", [3, 12, 17])
    def test_losing_the_network(self, flow: Project, environment: Environment, proxy: FaultProxy, after: int) -> None:
        """The SDK gives up soon."""
        quick = '{"config": {"retries": {"total_max_attempts": 2}}}'
        self.lose_the_network(flow, {**environment, "FLOWKIT_S3_CLIENT_PARAMS": quick}, proxy, after)
