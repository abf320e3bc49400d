"""Garbage collection keeps its promises on this service."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from flowkit.artifacts.remote.datastore import RemoteDatastore
from flowkit_gcp.gs_datastore import GSDatastore
from support.servers.collecting_tests import CollectingTests


class TestCollectingOnGCS(CollectingTests):
    @pytest.fixture(autouse=True)
    def server(self, bucket: Any) -> None:
        self.bucket = bucket

    def make_store(self) -> RemoteDatastore:
        return GSDatastore(f"gs://{self.bucket.name}/{uuid.uuid4().hex}")
