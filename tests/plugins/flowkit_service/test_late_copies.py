"""A copy of a request that a gateway passes on late, when its client has repeated it and gone on, changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from flowkit.errors import MetadataError
from flowkit.testing.metadata_samples import a_run, a_task, an_attempt
from flowkit_service.client.endpoint import Endpoint
from flowkit_service.client.provider import ServiceMetadata
from flowkit_service.client.transport import Transport
from flowkit_service.documents import document_of
from support.servers.fault_proxy import FaultProxy, Hold, fault_proxy
from support.servers.services import Services

FLOW = "TestFlow"


@pytest.fixture
def proxy(services: Services) -> Iterator[FaultProxy]:
    with fault_proxy(services.url) as proxy:
        yield proxy


@pytest.fixture
def other(location: str) -> Iterator[ServiceMetadata]:
    """As another process has it."""
    provider = ServiceMetadata.open(location)
    provider.flows()
    yield provider
    provider.close()


def status_of(provider: ServiceMetadata, task_id: str = "1") -> str | None:
    task = provider.task(FLOW, "1", "start", task_id)
    return None if task is None else task.status


def test_of_records(provider: ServiceMetadata, proxy: FaultProxy) -> None:
    proxy.next_faults(Hold())
    provider.write([a_run(), a_task(status="running", manifest=None), an_attempt(status="running", metadata=())])
    ended = a_run(status="succeeded", finished_at=1005.0)
    provider.write([ended, a_task(), an_attempt()])
    assert proxy.release() == [200]
    assert provider.run(FLOW, "1") == ended
    assert provider.task(FLOW, "1", "start", "1") == a_task()
    assert list(provider.attempts(FLOW, "1", "start", "1")) == [an_attempt()]


def test_of_records_that_another_process_wrote_since(
    provider: ServiceMetadata, other: ServiceMetadata, proxy: FaultProxy
) -> None:
    """What others write is no copy, however little they have written, and whatever time it is where they are."""
    proxy.next_faults(Hold())
    provider.write([a_task(status="running")])
    provider.write([a_task("2")])
    other.write([a_task(status="failed")])
    assert proxy.release() == [200]
    assert status_of(provider) == "failed"
    provider.write([a_task()])
    assert status_of(provider) == "succeeded"


def test_of_one_that_was_given_up(
    provider: ServiceMetadata, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider._transport, "_patience", 0.0)
    proxy.next_faults(Hold())
    with pytest.raises(MetadataError):
        provider.write([a_task(status="running")])
    provider.write([a_task()])
    assert proxy.release() == [200]
    assert status_of(provider) == "succeeded"


def test_of_tags(provider: ServiceMetadata, other: ServiceMetadata, proxy: FaultProxy) -> None:
    proxy.next_faults(Hold())
    assert "new" in provider.mutate_tags(FLOW, "1", add=["new"]).tags
    assert other.mutate_tags(FLOW, "1", remove=["new"]).tags == a_run().tags
    assert proxy.release() == [200]
    run = provider.run(FLOW, "1")
    assert run is not None
    assert run.tags == a_run().tags


def test_of_a_run_that_is_made_or_removed(provider: ServiceMetadata, other: ServiceMetadata, proxy: FaultProxy) -> None:
    proxy.next_faults(Hold())
    assert provider.create_run(a_run("2"))
    assert other.delete_run(FLOW, "2")
    assert proxy.release() == [200]
    assert provider.run(FLOW, "2") is None
    proxy.next_faults(Hold())
    assert provider.delete_run(FLOW, "1")
    assert other.create_run(a_run(username="other"))
    assert proxy.release() == [200]
    assert provider.run(FLOW, "1") == a_run(username="other")


def test_of_a_sign_of_life(provider: ServiceMetadata, proxy: FaultProxy) -> None:
    proxy.next_faults(Hold())
    with pytest.raises(MetadataError):
        provider.heartbeat(FLOW, "1", 2000.0)
    provider.heartbeat(FLOW, "1", 2005.0)
    assert proxy.release() == [200]
    run = provider.run(FLOW, "1")
    assert run is not None
    assert run.heartbeat_at == 2005.0


def test_a_child_has_numbers_of_its_own(provider: ServiceMetadata) -> None:
    provider.write([a_task("1")])
    pid = os.fork()
    if pid == 0:
        done = 1
        try:
            provider.write([a_task("2")])
            provider.write([a_task("3")])
            done = 0
        finally:
            os._exit(done)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    provider.write([a_task("4")])
    assert provider.count_tasks(FLOW, "1") == 4


def test_a_client_that_sends_no_numbers(provider: ServiceMetadata, location: str) -> None:
    """Each of its requests is done."""
    transport = Transport(Endpoint(location, {}), 5.0)
    for status in ("running", "failed", "running"):
        changes = [["task", document_of(a_task(status=status))]]
        assert transport.request("POST", "/flowkit/v1/write", {"changes": changes}).is_good
        assert status_of(provider) == status
    transport.close()


def test_writers_are_forgotten(provider: ServiceMetadata, location: str, services: Services) -> None:
    def count() -> object:
        return services.sql(location, "SELECT COUNT(*) FROM writers")

    assert count() == [(1,)]
    services.sql(location, "UPDATE writers SET day = day - $1 RETURNING day", 3)
    other = ServiceMetadata.open(location)
    other.write([a_task()])
    assert count() == [(1,)]
    other.close()
    provider.write([a_task(status="failed")])
    assert status_of(provider) == "failed"
    assert count() == [(2,)]
