"""What the datastore azure asks of the service, and what it survives."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from flowkit_azure.azure_datastore import AzureDatastore
from support.servers.azurite import AZURITE_ACCOUNT
from support.servers.fault_proxy import FaultProxy, fault_proxy
from support.servers.remote_store_tests import RemoteStoreTests


@pytest.fixture
def proxy(account: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    with fault_proxy(account) as proxy:
        monkeypatch.setenv("FLOWKIT_AZURE_ENDPOINT_URL", f"http://127.0.0.1:{proxy.port}/{AZURITE_ACCOUNT}")
        yield proxy


class TestAzure(RemoteStoreTests):
    many_keys: ClassVar[int] = 5001
    # Four blocks, and their list.
    large_put: ClassVar[int] = 5

    @pytest.fixture(autouse=True)
    def server(self, container: Any) -> None:
        self.container = container.container_name

    def make_store(self, **arguments: Any) -> AzureDatastore:
        return AzureDatastore(f"azure://{self.container}/{uuid.uuid4().hex}", **arguments)
