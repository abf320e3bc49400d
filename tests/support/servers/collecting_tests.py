"""Garbage collection over a real server: what every remote datastore must show."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from flowkit.artifacts.remote.datastore import RENEW_AFTER, RemoteDatastore
from flowkit.artifacts.remote.requests import RemoteObject
from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.sqlite_metadata import SQLiteMetadata
from flowkit.collection.collector import FlowCollector
from flowkit.collection.report import FlowReport
from flowkit.collection.selection import Selection
from flowkit.errors import ConfigurationError
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.task import StoreRef
from support.collecting import FLOW, Clock, Writer, run_steps

__all__ = ["CollectingTests", "grow_older"]

DAY = 86400.0
SHARED = b"what all runs have" * 30


def grow_older(store: RemoteDatastore) -> None:
    """From now on the server shows what is there as two days older; what comes later has its own time."""
    until = time.time()
    head, scan = store._head, store._scan

    def aged(found: RemoteObject) -> RemoteObject:
        is_old = found.modified_at <= until
        return attrs.evolve(found, modified_at=found.modified_at - 2 * DAY) if is_old else found

    def old_head(name: str) -> RemoteObject | None:
        found = head(name)
        return None if found is None else aged(found)

    def old_scan(prefix: str, *, recursive: bool) -> Iterator[RemoteObject | str]:
        return (found if isinstance(found, str) else aged(found) for found in scan(prefix, recursive=recursive))

    store._head, store._scan = old_head, old_scan  # type: ignore[method-assign]
    # Servers cut times to whole seconds.
    time.sleep(max(0.0, until + 1.1 - time.time()))


class CollectingTests(ABC):
    """Inherit, and give a store."""

    @abstractmethod
    def make_store(self) -> RemoteDatastore:
        """A store with a prefix of its own."""

    @pytest.fixture
    def store(self) -> Iterator[RemoteDatastore]:
        store = self.make_store()
        yield store
        store.close()

    @pytest.fixture
    def metadata(self, tmp_path: Path) -> Iterator[MetadataProvider]:
        metadata = SQLiteMetadata.open(str(tmp_path))
        yield metadata
        metadata.close()

    def test_runs_are_collected_and_what_others_need_stays(
        self, store: RemoteDatastore, metadata: MetadataProvider
    ) -> None:
        writers = [self.run(store, metadata, str(number), [SHARED, b"own %d" % number * 50]) for number in range(3)]
        before = {info.key for info in store.list(f"{FLOW}/blobs")}
        assert len(before) == 4
        grow_older(store)
        report = self.collect(store, metadata, keep_last=1)
        assert report.done.runs_removed == 2
        assert report.done.waiting_bytes > 0
        assert [run.run_id for run in metadata.all_runs(FLOW)] == ["2"]
        assert len(list(store.list(f"{FLOW}/blobs"))) == 2
        assert len(list(store.list_aside(FLOW))) == 2
        self.check(store, writers[2])
        # What is aside waits from when it was set aside.
        self.collect(store, metadata)
        assert len(list(store.list_aside(FLOW))) == 2
        grow_older(store)
        report = self.collect(store, metadata)
        assert report.done.freed_bytes > 0
        assert list(store.list_aside()) == []
        self.check(store, writers[2])

    def test_a_reader_brings_back_what_is_aside(self, store: RemoteDatastore, metadata: MetadataProvider) -> None:
        writer = self.run(store, metadata, "1", [SHARED])
        assert len(list(store.set_aside(store.list(f"{FLOW}/blobs")))) == 1
        assert list(store.list(f"{FLOW}/blobs")) == []
        self.check(store, writer)
        assert len(list(store.list(f"{FLOW}/blobs"))) == 1

    def test_a_collector_that_was_killed_is_made_good(self, store: RemoteDatastore, metadata: MetadataProvider) -> None:
        """It had set aside what a task then came to name."""
        self.run(store, metadata, "1", [SHARED])
        grow_older(store)
        collector = self.collector(store, metadata, keep_last=0)
        for step in collector.steps():
            if step == "look again":
                break
        writer = self.run(store, metadata, "2", [SHARED])
        store.delete([info.key for info in store.list(f"{FLOW}/blobs")])  # as if it had found the old one
        assert self.collect(store, metadata).done.objects_restored == 1
        self.check(store, writer)

    def test_what_an_earlier_version_set_aside_comes_back_or_goes(self, store: RemoteDatastore) -> None:
        """The name of its copy had no end of its own."""
        for name in ("ab", "cd"):
            store.put(f".aside/{FLOW}/blobs/{name}", [b"content"])
        assert {info.key for info in store.list_aside(FLOW)} == {f"{FLOW}/blobs/ab", f"{FLOW}/blobs/cd"}
        assert store.restore(f"{FLOW}/blobs/ab")
        assert store.get(f"{FLOW}/blobs/ab") == b"content"
        store.drop_aside(list(store.list_aside(FLOW)))
        assert [info.key for info in store.list()] == [f"{FLOW}/blobs/ab"]

    def test_the_grace_period_is_no_shorter_than_renewals_allow(
        self, store: RemoteDatastore, metadata: MetadataProvider
    ) -> None:
        with pytest.raises(ConfigurationError, match="24 hours or more"):
            self.collector(store, metadata, grace=2 * RENEW_AFTER - 1)

    # --- parts -----------------------------------------------------------------------------------------------------

    def run(self, store: RemoteDatastore, metadata: MetadataProvider, run_id: str, contents: list[bytes]) -> Writer:
        clock = Clock()
        clock.now = time.time()
        writer = run_steps(metadata, ArtifactStore(store, FLOW), clock, run_id, contents)
        list(writer.steps)
        return writer

    def collector(
        self,
        store: RemoteDatastore,
        metadata: MetadataProvider,
        grace: float = DAY,
        keep_last: int | None = None,
    ) -> FlowCollector:
        ref = StoreRef("local", store.root)
        selection = Selection(keep_last=keep_last)
        return FlowCollector(metadata, store, ref, FLOW, selection, grace=grace)

    def collect(self, store: RemoteDatastore, metadata: MetadataProvider, keep_last: int | None = None) -> FlowReport:
        collector = self.collector(store, metadata, keep_last=keep_last)
        list(collector.steps())
        assert collector.report is not None
        return collector.report

    def check(self, store: RemoteDatastore, writer: Writer) -> None:
        """All that the run's tasks stored can be read."""
        artifacts = ArtifactStore(store, FLOW)
        for key, content in writer.expected.items():
            payload = artifacts.read_manifest(key).artifacts["x"].payload
            assert payload is not None
            assert bytes(artifacts.get_blob(payload)) == content
