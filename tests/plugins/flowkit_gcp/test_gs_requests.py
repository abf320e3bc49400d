"""What the datastore gs asks of the service, and what it survives."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from flowkit_gcp.gs_datastore import GSDatastore
from support.servers.fault_proxy import FaultProxy, fault_proxy
from support.servers.gcs import serve_gcs
from support.servers.process import free_port
from support.servers.remote_store_tests import RemoteStoreTests


@pytest.fixture
def proxy(project_of_tests: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """Before a server of its own, which names the proxy in the addresses that it gives out."""
    port = free_port()
    with serve_gcs(tmp_path, port) as address, fault_proxy(address, port) as proxy:
        monkeypatch.setenv("FLOWKIT_GCP_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}")
        yield proxy


class TestGS(RemoteStoreTests):
    # A session, and two chunks in a row.
    large_put: ClassVar[int] = 3
    throttled: ClassVar[int] = 429
    put_method: ClassVar[str] = "POST"

    @pytest.fixture(autouse=True)
    def server(self, proxy: FaultProxy) -> None:
        self.bucket = f"bucket-{uuid.uuid4().hex}"
        options = {"api_endpoint": f"http://127.0.0.1:{proxy.upstream_port}"}
        with Client(project="tests", credentials=AnonymousCredentials(), client_options=options) as client:
            client.create_bucket(self.bucket)

    def make_store(self, **arguments: Any) -> GSDatastore:
        return GSDatastore(f"gs://{self.bucket}/{uuid.uuid4().hex}", **arguments)
