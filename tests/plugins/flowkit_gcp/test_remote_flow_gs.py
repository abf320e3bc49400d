"""A flow whose artifacts, logs and cards are in Google Cloud Storage."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from support.project import Project
from support.servers.fault_proxy import FaultProxy, fault_proxy
from support.servers.gcs import serve_gcs
from support.servers.process import free_port
from support.servers.remote_flow_tests import Environment, RemoteFlowTests


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[FaultProxy]:
    """Before a server of its own, which names the proxy in the addresses that it gives out."""
    port = free_port()
    with serve_gcs(tmp_path, port) as address, fault_proxy(address, port) as proxy:
        yield proxy


class TestGS(RemoteFlowTests):
    @pytest.fixture
    def environment(self, proxy: FaultProxy) -> Environment:
        bucket = f"bucket-{uuid.uuid4().hex}"
        options = {"api_endpoint": f"http://127.0.0.1:{proxy.upstream_port}"}
        with Client(project="tests", credentials=AnonymousCredentials(), client_options=options) as client:
            client.create_bucket(bucket)
        return {
            "FLOWKIT_GCP_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}",
            "FLOWKIT_GCP_CREDENTIAL": "anonymous",
            "FLOWKIT_DATASTORE": "gs",
            "FLOWKIT_DATASTORE_SYSROOT_GS": f"gs://{bucket}/some/prefix",
        }

    @pytest.mark.long
    def test_losing_the_network(self, flow: Project, environment: Environment, proxy: FaultProxy) -> None:
        """The SDK tries for long."""
        self.lose_the_network(flow, environment, proxy, 12)
