"""What the datastore gs asks of the service, and what it survives."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from flowkit_gcp import composing
from flowkit_gcp.composing import _part_size, parts_folder
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
    # Two parts, a request that puts them together, and their removal.
    large_put: ClassVar[int] = 5
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


def test_parts_that_a_killed_writer_left(bucket: Any) -> None:
    """Are no objects of the store, and removed when they are old."""
    store = GSDatastore.open(f"gs://{bucket.name}/prefix")
    store.put("F/a", [b"x"])
    for number in range(3):
        store._blob(f"{parts_folder(store.location.prefix)}upload/{number}").upload_from_string(b"part")
    assert [info.key for info in store.list("")] == ["F/a"]
    assert store.remove_leftovers(3600) == 0
    assert store.remove_leftovers(-3600) == 3
    assert store.remove_leftovers(-3600) == 0
    assert store.get("F/a") == b"x"
    store.close()


@pytest.mark.parametrize(
    ("size", "part"), [(20 << 20, 16 << 20), (1 << 30, 32 << 20), (100 << 30, 256 << 20), (5 << 40, 5 << 30)]
)
def test_sizes_of_parts(size: int, part: int) -> None:
    """One request puts them together, or 33."""
    assert _part_size(size) == part
    assert -(-size // part) <= 32 * 32


def test_more_parts_than_one_request_takes(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are put together in two steps."""
    monkeypatch.setattr(composing, "_MOST_SOURCES", 4)
    monkeypatch.setattr(composing, "_SMALLEST", 1 << 20)
    monkeypatch.setattr(composing, "_LARGEST", 1 << 20)
    store = GSDatastore.open(f"gs://{bucket.name}/prefix")
    content = os.urandom((11 << 20) + 5)
    assert store.put("F/a", [content])
    assert bytes(store.get_buffer("F/a", len(content))) == content
    assert not store.put("F/a", [content])
    assert store.remove_leftovers(-3600) == 0
    store.close()
