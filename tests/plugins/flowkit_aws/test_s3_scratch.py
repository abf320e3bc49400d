"""Before tasks are forked, the SDK is gone through without a connection; and siblings' inputs are read once."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from flowkit.errors import KeyNotFound
from flowkit_aws.boto3_clients import Boto3Clients
from flowkit_aws.clients import AWS
from flowkit_aws.memory_bucket import MemoryBucket
from flowkit_aws.s3_datastore import S3Datastore
from support.project import Project
from support.servers.fault_proxy import FaultProxy, fault_proxy

FLOW = """
    from flowkit import FlowSpec, step

    class SplitFlow(FlowSpec):
        @step
        def start(self):
            self.items = list(range(30))
            self.next(self.work, foreach="items")

        @step
        def work(self):
            self.squared = self.input * self.input
            self.next(self.join)

        @step
        def join(self, inputs):
            self.total = sum(each.squared for each in inputs)
            self.next(self.end)

        @step
        def end(self):
            print("total", self.total)

    if __name__ == "__main__":
        SplitFlow()
"""


@pytest.fixture
def proxy(aws: str) -> Iterator[FaultProxy]:
    with fault_proxy(aws) as proxy:
        yield proxy


def test_a_scratch_store_makes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it look for credentials: nobody listens there, and there are none."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("FLOWKIT_AWS_REGION", "eu-north-1")
    monkeypatch.setenv("FLOWKIT_S3_ENDPOINT_URL", "http://127.0.0.1:9")
    store = S3Datastore.open("s3://bucket/prefix")
    scratch = store.scratch()
    assert scratch is not None
    with pytest.raises(KeyNotFound):
        scratch.get("F/a")
    assert scratch.info("F/a") is None
    assert scratch.put("F/a", [b"0123", b"456789"])
    assert scratch.get("F/a") == b"0123456789"
    assert scratch.get("F/a", 3, 4) == b"3456"
    assert bytes(scratch.get_buffer("F/a", 10)) == b"0123456789"
    assert store._shared._used_in == os.getpid()
    scratch.close()
    # A process that is forked now may use the client.
    assert store._shared._used_in == 0
    store.close()


def test_after_it_the_store_is_the_real_one(aws: str, bucket: str) -> None:
    """With its own credentials."""
    del aws
    store = S3Datastore.open(f"s3://{bucket}/prefix")
    store.put("F/there", [b"really"])
    store.close()
    scratch = store.scratch()
    assert scratch is not None
    with pytest.raises(KeyNotFound):
        scratch.get("F/there")
    scratch.put("F/scratched", [b"x"])
    scratch.close()
    assert store.get("F/there") == b"really"
    with pytest.raises(KeyNotFound):
        store.get("F/scratched")
    store.close()


def test_a_client_whose_credentials_may_connect_is_left_alone() -> None:
    """Of another client provider."""
    own = Boto3Clients().client("s3", {**AWS.options_for("s3", "DATASTORE"), "region": "eu-north-1"})
    assert MemoryBucket.can_answer(own)
    own._request_signer._credentials = object()
    assert not MemoryBucket.can_answer(own)


def test_small_objects_are_sent_without_asking(aws: str, bucket: str, proxy: FaultProxy) -> None:
    """The SDK asks the service before each body; for a small one, that is half of the time."""
    del aws
    options = {"region": "us-east-1", "endpoint_url": f"http://127.0.0.1:{proxy.port}"}
    client = Boto3Clients().client("s3", options)
    for size in (10, 300_000):
        client.put_object(Bucket=bucket, Key="a", Body=b"x" * size)
    assert ["Expect" in request.headers for request in proxy.requests] == [False, True]
    client.close()


def test_requests_of_a_foreach(project: Project, bucket: str, proxy: FaultProxy) -> None:
    """A manifest written by each task, and read by the join; few tasks read what all have in common themselves."""
    project.write("flow.py", FLOW)
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "FLOWKIT_AWS_REGION")
    environment: dict[str, str | None] = {
        **{name: os.environ[name] for name in names},
        "FLOWKIT_S3_ENDPOINT_URL": f"http://127.0.0.1:{proxy.port}",
        "FLOWKIT_DATASTORE": "s3",
        "FLOWKIT_DATASTORE_SYSROOT_S3": f"s3://{bucket}/prefix",
    }
    done = project.run("run", "--task-start", "fork", env=environment, check=True)
    assert "total 8555" in done.stdout
    of_tasks = [request for request in proxy.requests if "/work/" in request.path]
    assert [request.method for request in of_tasks].count("PUT") == 30
    assert len(of_tasks) == 60
    of_start = [request for request in proxy.requests if "/start/" in request.path and request.method == "GET"]
    assert len(of_start) < 20
    assert len(proxy.requests) < 33 * 4
