"""Fixtures of the tests of flowkit-azure."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from support.need import need_module
from support.servers.azurite import AZURITE_ACCOUNT, AZURITE_KEY
from support.servers.fixtures import azurite

__all__ = ["account", "azurite", "container", "service"]


@pytest.fixture
def account(azurite: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an account, for which this process is configured."""
    need_module("azure.storage.blob")
    for name in ("CONNECTION_STRING", "ACCOUNT", "KEY", "SAS_TOKEN"):
        monkeypatch.delenv(f"AZURE_STORAGE_{name}", raising=False)
    monkeypatch.setenv("FLOWKIT_AZURE_ENDPOINT_URL", azurite)
    monkeypatch.setenv("FLOWKIT_AZURE_ACCOUNT", AZURITE_ACCOUNT)
    monkeypatch.setenv("FLOWKIT_AZURE_ACCOUNT_KEY", AZURITE_KEY)
    return azurite


@pytest.fixture
def service(account: str) -> Iterator[Any]:
    """A client of the server that isn't FlowKit's."""
    from azure.storage.blob import BlobServiceClient

    credential = {"account_name": AZURITE_ACCOUNT, "account_key": AZURITE_KEY}
    with BlobServiceClient(account, credential=credential) as client:
        yield client


@pytest.fixture
def container(service: Any) -> Any:
    """A client of a new container."""
    return service.create_container(f"c-{uuid.uuid4().hex}")
