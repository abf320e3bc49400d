"""Fixtures of the tests of flowkit-gcp."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from support.need import need_module
from support.servers.fixtures import gcs

__all__ = ["bucket", "gcs", "gcs_client", "project_of_tests"]


@pytest.fixture
def project_of_tests(gcs: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a server, for which this process is configured."""
    need_module("google.cloud.storage")
    monkeypatch.delenv("STORAGE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("FLOWKIT_GCP_ENDPOINT_URL", gcs)
    monkeypatch.setenv("FLOWKIT_GCP_CREDENTIAL", "anonymous")
    return gcs


@pytest.fixture
def gcs_client(project_of_tests: str) -> Iterator[Any]:
    """A client of the server that isn't FlowKit's."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.storage import Client

    options = {"api_endpoint": project_of_tests}
    with Client(project="tests", credentials=AnonymousCredentials(), client_options=options) as client:
        yield client


@pytest.fixture
def bucket(gcs_client: Any) -> Any:
    """A new bucket."""
    return gcs_client.create_bucket(f"bucket-{uuid.uuid4().hex}")
