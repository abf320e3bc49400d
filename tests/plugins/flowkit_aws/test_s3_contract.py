"""The datastore s3 keeps the contract of datastores."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from flowkit.artifacts.remote.datastore import RENEW_AFTER
from flowkit.interfaces.datastore import Datastore
from flowkit.testing.datastore import DatastoreContract
from flowkit_aws.s3_datastore import S3Datastore
from support.servers.remote_store_tests import DirectTests


class TestS3Datastore(DirectTests, DatastoreContract):
    """Raw access is through a client of its own."""

    longest_key = 900

    @pytest.fixture(autouse=True)
    def server(self, s3: Any, bucket: str) -> None:
        self.s3, self.bucket = s3, bucket

    def make_store(self, folder: Path) -> Datastore:
        # To its clock every object is so old that it must be renewed.
        root = f"s3://{self.bucket}/{uuid.uuid4().hex}/prefix"
        return S3Datastore(root, clock=lambda: time.time() + RENEW_AFTER + 60)

    def raw_get(self, store: Datastore, key: str) -> bytes | None:
        try:
            content: bytes = self.s3.get_object(Bucket=self.bucket, Key=self._name(store, key))["Body"].read()
        except self.s3.exceptions.NoSuchKey:
            return None
        return content

    def raw_put(self, store: Datastore, key: str, content: bytes) -> None:
        self.s3.put_object(Bucket=self.bucket, Key=self._name(store, key), Body=content)

    def raw_list(self, store: Datastore) -> set[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self._name(store, ""))
        names = (found["Key"] for page in pages for found in page.get("Contents", ()))
        return {name.removeprefix(self._name(store, "")) for name in names}

    def _name(self, store: Datastore, key: str) -> str:
        return store.root.removeprefix(f"s3://{self.bucket}/") + "/" + key
