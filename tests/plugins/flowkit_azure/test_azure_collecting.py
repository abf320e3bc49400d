"""Garbage collection keeps its promises on this service."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from flowkit.artifacts.remote.datastore import RemoteDatastore
from flowkit_azure.azure_datastore import AzureDatastore
from support.servers.collecting_tests import CollectingTests


class TestCollectingOnAzure(CollectingTests):
    @pytest.fixture(autouse=True)
    def server(self, container: Any) -> None:
        self.container = container

    def make_store(self) -> RemoteDatastore:
        return AzureDatastore(f"azure://{self.container.container_name}/{uuid.uuid4().hex}")
