"""A flow whose artifacts, logs and cards are in Azure Blob Storage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from support.project import Project
from support.servers.azurite import AZURITE_ACCOUNT, AZURITE_KEY
from support.servers.fault_proxy import FaultProxy, fault_proxy
from support.servers.remote_flow_tests import Environment, LostLogTests


@pytest.fixture
def proxy(account: str) -> Iterator[FaultProxy]:
    with fault_proxy(account) as proxy:
        yield proxy


class TestAzure(LostLogTests):
    @pytest.fixture
    def environment(self, proxy: FaultProxy, container: Any) -> Environment:
        return {
            "FLOWKIT_AZURE_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}/{AZURITE_ACCOUNT}",
            "FLOWKIT_AZURE_ACCOUNT": AZURITE_ACCOUNT,
            "FLOWKIT_AZURE_ACCOUNT_KEY": AZURITE_KEY,
            "FLOWKIT_DATASTORE": "azure",
            "FLOWKIT_DATASTORE_SYSROOT_AZURE": f"azure://{container.container_name}/some/prefix",
        }

    @pytest.mark.long
    def test_losing_the_network(self, flow: Project, environment: Environment, proxy: FaultProxy) -> None:
        """The SDK tries for long."""
        self.lose_the_network(flow, environment, proxy, 12)
