"""Garbage collection keeps its promises on this service."""

from __future__ import annotations

import uuid

import pytest

from flowkit.artifacts.remote.datastore import RemoteDatastore
from flowkit_aws.s3_datastore import S3Datastore
from support.servers.collecting_tests import CollectingTests


class TestCollectingOnS3(CollectingTests):
    @pytest.fixture(autouse=True)
    def server(self, bucket: str) -> None:
        self.bucket = bucket

    def make_store(self) -> RemoteDatastore:
        return S3Datastore(f"s3://{self.bucket}/{uuid.uuid4().hex}")
