"""Servers of the tests of flowkit-service, each started when the first test of this process needs it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from flowkit.testing.metadata_samples import a_run
from support.need import need_module
from support.servers.fault_proxy import FaultProxy
from support.servers.postgresql import serve_postgresql
from support.servers.services import Services, serve_services

if TYPE_CHECKING:
    from flowkit_service.client.provider import ServiceMetadata

need_module("flowkit_service")


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database."""
    with serve_postgresql(tmp_path_factory.mktemp("postgresql")) as address:
        yield address


@pytest.fixture(scope="session")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services over SQLite."""
    folder = tmp_path_factory.mktemp("services")
    with serve_services(folder, str(folder)) as services:
        yield services


@pytest.fixture(scope="session")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgresql: str) -> Iterator[Services]:
    """Services over PostgreSQL."""
    with serve_services(tmp_path_factory.mktemp("services"), postgresql) as services:
        yield services


@pytest.fixture(scope="session")
def plain_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Services that have the REST interface alone."""
    folder = tmp_path_factory.mktemp("services")
    with serve_services(folder, str(folder), plain=True) as services:
        yield services


@pytest.fixture(params=["on_sqlite", "on_postgresql"])
def services(request: pytest.FixtureRequest) -> Services:
    """Services over each database."""
    found: Services = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def service_url(services: Services) -> str:
    """The address of an empty service."""
    return services.at(f"test{uuid.uuid4().hex}")


@pytest.fixture
def location(proxy: FaultProxy) -> str:
    """Where records go through the module's own ``proxy``."""
    return f"http://127.0.0.1:{proxy.port}/test{uuid.uuid4().hex}"


@pytest.fixture
def provider(location: str) -> Iterator[ServiceMetadata]:
    """With a run in it."""
    from flowkit_service.client.provider import ServiceMetadata

    provider = ServiceMetadata.open(location)
    assert provider.create_run(a_run())
    yield provider
    provider.close()
