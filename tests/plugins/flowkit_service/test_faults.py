"""A service that is away for a while, and answers that are lost."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit.errors import ConfigurationError, FlowkitError, MetadataError
from flowkit.testing.metadata_samples import a_run, a_task
from flowkit_service.client import transport
from flowkit_service.client.endpoint import Endpoint
from flowkit_service.client.provider import ServiceMetadata
from flowkit_service.client.transport import Transport
from support.servers.fault_proxy import Cut, CutUpload, Delay, Fault, FaultProxy, LoseAnswer, Refuse, fault_proxy
from support.servers.process import free_port
from support.servers.services import Services

FLOW = "TestFlow"


@pytest.fixture
def proxy(on_sqlite: Services) -> Iterator[FaultProxy]:
    with fault_proxy(on_sqlite.url) as proxy:
        yield proxy


@pytest.mark.parametrize(
    "fault", [Refuse(503), Refuse(502), Refuse(429), Cut(0), CutUpload(5), LoseAnswer(), Delay(0.1)], ids=repr
)
def test_each_request_is_done_once_in_the_end(provider: ServiceMetadata, proxy: FaultProxy, fault: Fault) -> None:
    """Also a run of which it isn't known whether it was made."""
    for number, call in enumerate(
        (
            lambda: provider.create_run(a_run("2")),
            lambda: provider.write([a_task("1")]),
            lambda: provider.mutate_tags(FLOW, "2", add=["new"]),
            lambda: provider.run(FLOW, "2"),
        )
    ):
        proxy.next_faults(fault)
        found = call()
        assert found is True or number > 0
    run = provider.run(FLOW, "2")
    assert run is not None
    assert run.tags == (*a_run().tags, "new")
    assert provider.count_tasks(FLOW, "1") == 1
    assert not provider.create_run(a_run("2"))


def test_a_run_made_over_the_plain_interface_knows_itself(plain_services: Services) -> None:
    with fault_proxy(plain_services.url) as proxy:
        provider = ServiceMetadata.open(f"http://127.0.0.1:{proxy.port}/test{uuid.uuid4().hex}")
        assert provider.create_run(a_run("1"))
        lost: list[str] = []

        def choose(request: object) -> Fault | None:
            path = str(getattr(request, "path", ""))
            if path.endswith("/run") and not lost:
                lost.append(path)
                return LoseAnswer()
            return None

        proxy.choose = choose
        assert provider.create_run(a_run("2"))
        assert lost
        assert not provider.create_run(a_run("2"))
        assert provider.run(FLOW, "2") == a_run("2")
        provider.close()


def test_a_heartbeat_is_sent_once(provider: ServiceMetadata, proxy: FaultProxy) -> None:
    """Another follows soon, and the run mustn't wait for it."""
    proxy.choose = lambda request: Refuse(503)
    proxy.counted()
    with pytest.raises(MetadataError):
        provider.heartbeat(FLOW, "1", 5.0)
    assert len(proxy.counted()) == 1


def test_a_service_that_stays_away(proxy: FaultProxy, location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names it and what mends it."""
    monkeypatch.setenv("FLOWKIT_SERVICE_PATIENCE", "0.3")
    provider = ServiceMetadata.open(location)
    assert provider.create_run(a_run())
    proxy.choose = lambda request: Refuse(503)
    with pytest.raises(MetadataError, match=rf"{location} can't be reached.*503.*FLOWKIT_SERVICE_URL") as caught:
        provider.write([a_task("1")])
    assert "\n" not in caught.value.message
    proxy.choose = lambda request: None
    provider.write([a_task("1")])
    assert provider.count_tasks(FLOW, "1") == 1
    provider.close()


def test_a_service_that_was_never_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "FIRST_PATIENCE", 0.2)
    for address in (f"http://127.0.0.1:{free_port()}", "http://no-such-host.invalid"):
        provider = ServiceMetadata.open(address)
        with pytest.raises(MetadataError, match=f"{address} can't be reached"):
            provider.flows()
        provider.close()


def test_something_else_answers_there(plain_services: Services) -> None:
    provider = ServiceMetadata.open(f"{plain_services.url}/name/flows")
    with pytest.raises(MetadataError, match=r"no metadata service at .* 404"):
        provider.flows()
    provider.close()


@pytest.mark.parametrize("address", ["ftp://host", "http://", "http://host:port", "https://:80"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(ConfigurationError, match="FLOWKIT_SERVICE_URL"):
        ServiceMetadata.open(address)


def test_where_the_address_comes_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="flowkit service up"):
        ServiceMetadata.open(str(tmp_path))
    monkeypatch.setenv("FLOWKIT_SERVICE_URL", "https://service.example/base/")
    monkeypatch.setenv("FLOWKIT_SERVICE_AUTH_KEY", "key")
    monkeypatch.setenv("FLOWKIT_SERVICE_HEADERS", '{"X-Own": 1}')
    provider = ServiceMetadata.open(str(tmp_path))
    assert provider.location == "https://service.example/base"
    endpoint = provider._transport.endpoint
    assert dict(endpoint.headers) == {"X-Own": "1", "x-api-key": "key"}
    assert ServiceMetadata.open("http://other:1").location == "http://other:1"
    for name, value in (("FLOWKIT_SERVICE_HEADERS", "[]"), ("FLOWKIT_SERVICE_PATIENCE", "long")):
        monkeypatch.setenv("FLOWKIT_SERVICE_HEADERS", "{}")
        monkeypatch.setenv(name, value)
        with pytest.raises(ConfigurationError, match=name):
            ServiceMetadata.open(str(tmp_path))


def test_one_connection_is_kept(provider: ServiceMetadata) -> None:
    connection = provider._transport._connection
    assert connection is not None
    provider.flows()
    provider.write([a_task("1")])
    assert provider._transport._connection is connection


def test_a_connection_that_the_service_closed_costs_no_pause(
    on_sqlite: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = Transport(Endpoint(on_sqlite.at("closed"), {}), 5.0)
    assert sent.request("GET", "/ping").is_good
    assert sent._connection is not None
    sent._connection.sock.close()
    monkeypatch.setattr(time, "sleep", lambda seconds: pytest.fail("it paused"))
    answer = sent.request("GET", "/ping")
    assert answer.repeated
    sent.close()


def test_a_reader_does_not_write(location: str) -> None:
    provider = ServiceMetadata.open(location, read_only=True)
    for write in (lambda: provider.create_run(a_run()), lambda: provider.mutate_tags(FLOW, "1", add=["a"])):
        with pytest.raises(FlowkitError, match="reading only"):
            write()
    provider.close()


def test_connections_that_postgresql_ends(on_postgresql: Services) -> None:
    """The service makes others, and its clients notice nothing."""
    location = on_postgresql.at(f"test{uuid.uuid4().hex}")
    provider = ServiceMetadata.open(location)
    assert provider.create_run(a_run())
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    for number in range(1, 4):
        assert on_postgresql.sql(location, end)
        provider.write([a_task(str(number))])
        assert on_postgresql.sql(location, end)
        assert provider.count_tasks(FLOW, "1") == number
    provider.close()
