"""The datastore azure keeps the contract of datastores."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError

from flowkit.artifacts.remote.datastore import RENEW_AFTER
from flowkit.interfaces.datastore import Datastore
from flowkit.testing.datastore import DatastoreContract
from flowkit_azure.azure_datastore import AzureDatastore
from support.servers.remote_store_tests import DirectTests


class TestAzureDatastore(DirectTests, DatastoreContract):
    """Raw access is through a client of its own."""

    longest_key = 900

    @pytest.fixture(autouse=True)
    def server(self, container: Any) -> None:
        self.container = container

    def make_store(self, folder: Path) -> Datastore:
        # To its clock every object is so old that it must be renewed.
        root = f"azure://{self.container.container_name}/{uuid.uuid4().hex}/prefix"
        return AzureDatastore(root, clock=lambda: time.time() + RENEW_AFTER + 60)

    def raw_get(self, store: Datastore, key: str) -> bytes | None:
        try:
            content: bytes = self.container.download_blob(self._name(store, key)).readall()
        except ResourceNotFoundError:
            return None
        return content

    def raw_put(self, store: Datastore, key: str, content: bytes) -> None:
        self.container.upload_blob(self._name(store, key), content, overwrite=True)

    def raw_list(self, store: Datastore) -> set[str]:
        names = self.container.list_blob_names(name_starts_with=self._name(store, ""))
        return {name.removeprefix(self._name(store, "")) for name in names}

    def _name(self, store: Datastore, key: str) -> str:
        return store.root.removeprefix(f"azure://{self.container.container_name}/") + "/" + key
