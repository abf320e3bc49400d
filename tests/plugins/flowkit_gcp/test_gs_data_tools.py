"""``GS``, against fake-gcs-server."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client

from flowkit.datatools import DataTools
from flowkit_gcp.data_tools import GS
from support.servers.data_tools_tests import DataToolsTests
from support.servers.fault_proxy import Fault, FaultProxy, LoseAnswer, Request, fault_proxy
from support.servers.gcs import serve_gcs
from support.servers.process import free_port


class TestGS(DataToolsTests):
    scheme = "gs"
    throttled = 429
    put_method = "POST"

    @pytest.fixture
    def bucket_name(self, proxy: FaultProxy) -> str:
        name = f"bucket-{uuid.uuid4().hex}"
        options = {"api_endpoint": f"http://127.0.0.1:{proxy.upstream_port}"}
        with Client(project="tests", credentials=AnonymousCredentials(), client_options=options) as client:
            client.create_bucket(name)
        return name

    @pytest.fixture
    def proxy(self, project_of_tests: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
        """Before a server of its own, which names the proxy in the addresses that it gives out."""
        port = free_port()
        folder = tmp_path.with_name(f"{tmp_path.name}-server")
        folder.mkdir()
        with serve_gcs(folder, port) as address, fault_proxy(address, port) as proxy:
            monkeypatch.setenv("FLOWKIT_GCP_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}")
            yield proxy

    def make_tool(self, root: str | None, **arguments: Any) -> DataTools[Any]:
        return GS(gsroot=root, **arguments)

    def test_an_upload_that_ended_without_an_answer_is_begun_again(
        self, tool: DataTools[Any], proxy: FaultProxy
    ) -> None:
        """The service no longer knows its session then."""
        lost: list[Request] = []

        def choose(request: Request) -> Fault | None:
            last = request.headers.get("content-range", "").endswith("-20971519/20971520")
            if not last or lost:
                return None
            lost.append(request)
            return LoseAnswer()

        proxy.choose = choose
        content = os.urandom(20 * 1024 * 1024)
        tool.put("large", content)
        assert len(lost) == 1
        assert tool.get("large").blob == content
