"""The datastore gs keeps the contract of datastores."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from flowkit.artifacts.remote.datastore import RENEW_AFTER
from flowkit.interfaces.datastore import Datastore
from flowkit.testing.datastore import DatastoreContract
from flowkit_gcp.gs_datastore import GSDatastore
from support.servers.remote_store_tests import DirectTests


class TestGSDatastore(DirectTests, DatastoreContract):
    """Raw access is through a client of its own."""

    longest_key = 900

    @pytest.fixture(autouse=True)
    def server(self, bucket: Any) -> None:
        self.bucket = bucket

    def make_store(self, folder: Path) -> Datastore:
        # To its clock every object is so old that it must be renewed.
        root = f"gs://{self.bucket.name}/{uuid.uuid4().hex}/prefix"
        return GSDatastore(root, clock=lambda: time.time() + RENEW_AFTER + 60)

    def raw_get(self, store: Datastore, key: str) -> bytes | None:
        blob = self.bucket.get_blob(self._name(store, key))
        return None if blob is None else blob.download_as_bytes()

    def raw_put(self, store: Datastore, key: str, content: bytes) -> None:
        self.bucket.blob(self._name(store, key)).upload_from_string(content)

    def raw_list(self, store: Datastore) -> set[str]:
        blobs = self.bucket.list_blobs(prefix=self._name(store, ""))
        return {blob.name.removeprefix(self._name(store, "")) for blob in blobs}

    def _name(self, store: Datastore, key: str) -> str:
        return store.root.removeprefix(f"gs://{self.bucket.name}/") + "/" + key
