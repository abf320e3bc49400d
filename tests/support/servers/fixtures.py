"""One server of each kind for a process of tests, started when the first test needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.servers.azurite import serve_azurite
from support.servers.gcs import serve_gcs
from support.servers.moto import serve_moto

__all__ = ["azurite", "gcs", "moto"]


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of S3 and STS."""
    with serve_moto(tmp_path_factory.mktemp("moto")) as address:
        yield address


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an account of Azure Blob Storage."""
    with serve_azurite(tmp_path_factory.mktemp("azurite")) as address:
        yield address


@pytest.fixture(scope="session")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of Google Cloud Storage."""
    with serve_gcs(tmp_path_factory.mktemp("gcs")) as address:
        yield address
