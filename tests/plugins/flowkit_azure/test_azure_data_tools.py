"""``AzureBlob``, against Azurite."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flowkit.datatools import DataTools
from flowkit_azure.data_tools import AzureBlob
from support.servers.azurite import AZURITE_ACCOUNT
from support.servers.data_tools_tests import DataToolsTests
from support.servers.fault_proxy import FaultProxy, fault_proxy


class TestAzureBlob(DataToolsTests):
    scheme = "azure"

    @pytest.fixture
    def bucket_name(self, container: Any) -> str:
        return str(container.container_name)

    @pytest.fixture
    def proxy(self, account: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
        with fault_proxy(account) as proxy:
            monkeypatch.setenv("FLOWKIT_AZURE_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}/{AZURITE_ACCOUNT}")
            yield proxy

    def make_tool(self, root: str | None, **arguments: Any) -> DataTools[Any]:
        return AzureBlob(azureroot=root, **arguments)
