"""What every remote datastore must show besides the contract: requests counted, faults survived, memory bounded."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
import tracemalloc
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest

from flowkit.artifacts.remote.datastore import RENEW_AFTER, RemoteDatastore
from flowkit.artifacts.remote.requests import RemoteObject
from flowkit.errors import DatastoreError, KeyNotFound
from flowkit.interfaces.datastore import Datastore
from flowkit.testing.datastore_model import check_against_model
from support.servers.fault_proxy import Cut, CutUpload, Delay, Fault, FaultProxy, LoseAnswer, Refuse, Request

__all__ = ["MEGABYTE", "DirectTests", "RemoteStoreTests", "count"]

MEGABYTE = 1 << 20


def count(proxy: FaultProxy) -> int:
    """How many requests came by since the last question."""
    return len(proxy.counted())


class RemoteStoreTests(ABC):
    """Inherit, give a server behind a proxy, and say what differs."""

    #: Requests that remove 250 objects.
    removals: ClassVar[int] = 250
    #: Keys that two listings' pages don't hold, and the pages they need.
    many_keys: ClassVar[int] = 1001
    pages: ClassVar[int] = 2
    #: Requests for an object of three parts and some bytes.
    large_put: ClassVar[int]
    #: The status of "slow down".
    throttled: ClassVar[int] = 503
    #: The method of requests that write a small object.
    put_method: ClassVar[str] = "PUT"
    #: The method of requests that remove objects.
    removal_method: ClassVar[str] = "DELETE"

    @abstractmethod
    def make_store(self, **arguments: Any) -> RemoteDatastore:
        """A store behind the proxy, with a prefix of its own."""

    @pytest.fixture
    def store(self, proxy: FaultProxy) -> Iterator[RemoteDatastore]:
        store = self.make_store()
        yield store
        store.close()

    # --- requests --------------------------------------------------------------------------------------------------

    def test_opening_makes_no_request(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """Nor do questions that have no items."""
        type(store).open(store.root).close()
        store.put_many([])
        store.delete([])
        assert list(store.get_many([])) == []
        assert proxy.requests == []

    def test_small_objects_cost_a_request_each(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """Written, read whole, in part or as a buffer, asked for."""
        assert store.put("F/a", [b"one", b"two"])
        assert count(proxy) == 1
        assert store.get("F/a") == b"onetwo"
        assert count(proxy) == 1
        assert store.get("F/a", 2, 3) == b"etw"
        assert count(proxy) == 1
        assert bytes(store.get_buffer("F/a", 6)) == b"onetwo"
        assert count(proxy) == 1
        assert store.info("F/a") is not None
        assert count(proxy) == 1
        assert store.put("F/a", [b"three"], overwrite=True)
        assert count(proxy) == 1

    def test_what_is_there_and_young_is_not_written(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """A small one is found by trying, a large one by asking first; neither is renewed."""
        for key, content, methods in (("F/a", b"small", 2), ("F/b", b"x" * MEGABYTE, 1)):
            store.put(key, [content])
            before = store.info(key)
            count(proxy)
            assert not store.put(key, [content])
            assert count(proxy) == methods
            assert store.renew(key)
            assert count(proxy) == 1
            assert store.info(key) == before

    def test_what_is_there_and_old_is_renewed(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """By one request more, that moves no content."""
        aged = self.make_store(clock=lambda: time.time() + RENEW_AFTER + 60)
        content = b"x" * MEGABYTE
        aged.put("F/a", [content])
        before = aged.info("F/a")
        time.sleep(1.1)
        count(proxy)
        assert not aged.put("F/a", [content])
        sizes = [request.size for request in proxy.requests]
        assert len(sizes) == 2
        assert sum(sizes) < 1000
        after = aged.info("F/a")
        assert before is not None
        assert after is not None
        assert after.modified_at > before.modified_at

    def test_what_another_renewed_meanwhile_is_renewed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Though the service refuses a second change of the object so soon; if nobody did, the refusal is told."""
        aged = self.make_store(clock=lambda: time.time() + RENEW_AFTER + 60)
        content = b"x" * MEGABYTE
        aged.put("F/a", [content])
        touch = aged._touch

        def refuse(found: RemoteObject) -> bool:
            raise DatastoreError("too many changes")

        def touch_and_refuse(found: RemoteObject) -> bool:
            touch(found)
            return refuse(found)

        time.sleep(1.1)
        monkeypatch.setattr(aged, "_touch", touch_and_refuse)
        assert not aged.put("F/a", [content])
        monkeypatch.setattr(aged, "_touch", refuse)
        with pytest.raises(DatastoreError, match="too many changes"):
            aged.put("F/a", [content])

        def remove_and_refuse(found: RemoteObject) -> bool:
            aged.delete(["F/a"])
            return refuse(found)

        monkeypatch.setattr(aged, "_touch", remove_and_refuse)
        assert aged.put("F/a", [content])

    def test_many_objects_cost_a_request_each(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """Listing and removing them costs fewer where the service can do it."""
        items = {f"F/{number:03}": str(number).encode() for number in range(250)}
        store.put_many((key, [content]) for key, content in items.items())
        assert count(proxy) == 250
        assert dict(store.get_many(list(items))) == items
        assert count(proxy) == 250
        assert {info.key for info in store.list("F")} == set(items)
        assert count(proxy) == 1
        store.delete(items)
        assert count(proxy) == self.removals
        assert list(store.list("")) == []

    def test_listing_goes_on_past_a_page(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """And shows each object once."""
        keys = {f"F/{number % 7}/{number}" for number in range(self.many_keys)}
        store.put_many((key, []) for key in keys)
        count(proxy)
        listed = [info.key for info in store.list("F")]
        assert len(listed) == len(keys)
        assert set(listed) == keys
        assert count(proxy) == self.pages
        assert {info.key for info in store.list("F", recursive=False)} == {f"F/{number}/" for number in range(7)}

    def test_a_large_object_moves_in_parts(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """It is written from several buffers, and read in ranges into one."""
        size = store.part_size * 3 + 5
        content = memoryview(os.urandom(MEGABYTE) * (size // MEGABYTE + 1))[:size]
        cuts = (0, store.part_size - 1, store.part_size, store.part_size, 2 * store.part_size, size)
        assert store.put("F/large", [content[start:end] for start, end in pairwise(cuts)])
        # One of them asks whether the object is there.
        assert count(proxy) == 1 + self.large_put
        assert store.get_buffer("F/large", size) == content
        assert [request.method for request in proxy.requests] == ["GET"] * 4
        assert max(request.size for request in proxy.requests) == 0
        assert store.get("F/large", size - 3) == bytes(content[-3:])
        assert not store.put("F/large", [content])
        assert [info.key for info in store.list("")] == ["F/large"]

    def test_a_collector_that_slept_deletes_nothing(self, proxy: FaultProxy) -> None:
        """Between its copy and the deletion, nor before a request that is repeated."""
        now = [0.0]
        store = self.make_store(clock=lambda: time.time() + now[0])
        store.put("F/a", [b"content"])
        methods: list[str] = []
        copies: list[str] = []

        def sleep_and_refuse(request: Request) -> Fault | None:
            if request.method == self.removal_method:
                methods.append(request.method)
                now[0] += 2 * 3600
                return Refuse(503)
            return None

        def sleep_after_copy(request: Request) -> Fault | None:
            if request.method not in ("HEAD", "GET"):
                copies.append(request.method)
                now[0] += 2 * 3600
            return None

        for choose in (sleep_and_refuse, sleep_after_copy):
            listed = list(store.list("F"))
            proxy.choose = choose
            with pytest.raises(DatastoreError, match="took too long"):
                list(store.set_aside(listed))
            proxy.choose = lambda request: None
            assert store.get("F/a") == b"content"
        assert len(methods) == 1
        assert len(copies) == 1
        assert [info.key for info in store.set_aside(store.list("F"))] == ["F/a"]
        store.close()

    # --- writers at once -------------------------------------------------------------------------------------------

    def test_one_of_many_writers_creates_an_object(self, store: RemoteDatastore) -> None:
        """The others are told that it is there."""
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda _: store.put("F/a", [b"content"]), range(24)))
        assert sorted(results) == [False] * 23 + [True]

    def test_a_child_has_connections_of_its_own(self, store: RemoteDatastore) -> None:
        """Whether the client was used before the fork or not."""
        for _ in range(2):
            process = multiprocessing.get_context("fork").Process(target=_write_and_read, args=(store,))
            process.start()
            process.join(60)
            assert process.exitcode == 0
            assert store.get("F/child") == b"child"
            assert store.put("F/parent", [b"parent"], overwrite=True)

    # --- faults ----------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "fault", [Refuse(503), Refuse(500), CutUpload(10), CutUpload(0), LoseAnswer(), Delay(0.2)], ids=repr
    )
    def test_a_write_survives(self, store: RemoteDatastore, proxy: FaultProxy, fault: Fault) -> None:
        """It is repeated, and the object is whole."""
        proxy.next_faults(fault, method=self.put_method)
        store.put("F/a", [b"x" * 1000, b"y"])
        assert store.get("F/a") == b"x" * 1000 + b"y"
        assert len(proxy.requests) == 2 + (fault != Delay(0.2)) + (fault == LoseAnswer())

    @pytest.mark.parametrize("fault", [Refuse(503), Cut(0), Cut(1000), LoseAnswer(), Delay(0.2)], ids=repr)
    def test_a_read_survives(self, store: RemoteDatastore, proxy: FaultProxy, fault: Fault) -> None:
        """With the right bytes, each read once where the connection was lost on the way."""
        content = os.urandom(3 * MEGABYTE)
        store.put("F/a", [content])
        for read in (lambda: store.get("F/a"), lambda: store.get_buffer("F/a", len(content))):
            proxy.next_faults(fault, method="GET")
            assert read() == content

    def test_throttling_is_waited_out(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """Said three times in a row."""
        for action in (lambda: store.put("F/a", [b"x"]), lambda: store.get("F/a")):
            proxy.next_faults(*[Refuse(self.throttled)] * 3)
            action()
        assert len(proxy.requests) == 8

    def test_a_read_survives_several_cuts(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """As long as some bytes come each time, or the connection comes back soon."""
        content = os.urandom(4 * MEGABYTE)
        store.put("F/a", [content])
        proxy.next_faults(Cut(MEGABYTE + 7), Cut(MEGABYTE + 9), Cut(0), Cut(MEGABYTE), method="GET")
        assert store.get("F/a") == content

    def test_a_large_object_survives(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """With every fourth request failing in one way or another, or late."""
        content = os.urandom(MEGABYTE) * 41
        faults: list[Fault] = [Refuse(503), CutUpload(4 * MEGABYTE), Cut(2 * MEGABYTE), Delay(0.3), LoseAnswer()]
        seen: list[Request] = []

        def choose(request: Request) -> Fault | None:
            seen.append(request)
            return faults[len(seen) // 4 % 5] if len(seen) % 4 == 3 else None

        proxy.choose = choose
        for number in range(3):
            store.put(f"F/{number}", [content])
            assert store.get_buffer(f"F/{number}", len(content)) == content
        assert len(seen) > 14

    def test_questions_survive(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """Listing, asking, removing."""
        store.put("F/a", [b"x"])
        for ask, expected in (
            (lambda: [info.key for info in store.list("F")], ["F/a"]),
            (lambda: store.info("F/a") is not None, True),
            (lambda: store.delete(["F/a"]), None),
        ):
            for fault in (Refuse(503), LoseAnswer()):
                proxy.next_faults(fault)
                assert ask() == expected
        assert store.info("F/a") is None

    def test_an_object_that_changes_is_never_mixed(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """A read that lost its connection begins anew if the rest would be of another object."""
        store.put("F/a", [b"1" * 3 * MEGABYTE])

        proxy.next_faults(Cut(MEGABYTE), method="GET")
        first = proxy.choose

        def cut_then_replace(request: Request) -> Fault | None:
            fault = first(request)
            if fault is not None:
                replacer.start()
            elif request.method == "GET":
                replacer.join()
            return fault

        replacer = threading.Thread(target=lambda: store.put("F/a", [b"2" * 3 * MEGABYTE], overwrite=True))
        proxy.choose = cut_then_replace
        content = store.get("F/a")
        assert content in (b"1" * 3 * MEGABYTE, b"2" * 3 * MEGABYTE)

    # --- errors ----------------------------------------------------------------------------------------------------

    def test_access_denied(self, store: RemoteDatastore, proxy: FaultProxy) -> None:
        """Names the object and what mends it, and isn't tried again."""
        proxy.choose = lambda request: Refuse(403)
        for action in (
            lambda: store.put("F/a", [b"x"]),
            lambda: store.get("F/a"),
            lambda: list(store.list("F")),
            lambda: store.info("F/a"),
        ):
            with pytest.raises(DatastoreError, match=rf"(?s){store.location.bucket}.*F.*store-on-"):
                action()
        assert count(proxy) <= 5

    def test_a_missing_bucket(self, store: RemoteDatastore) -> None:
        """Names it."""
        missing = type(store)(f"{store.name}://no-such-place-here/prefix")
        for action in (lambda: missing.put("F/a", [b"x"]), lambda: list(missing.list(""))):
            with pytest.raises(DatastoreError, match=r"no-such-place-here.*create the") as caught:
                action()
            assert not isinstance(caught.value, KeyNotFound)
        missing.close()


class DirectTests(ABC):
    """Inherit before DatastoreContract. Without a proxy, whose memory would count."""

    @abstractmethod
    def make_store(self, folder: Path) -> Datastore:
        """A store with nothing in it."""

    def test_any_sequence_of_operations_agrees_with_a_dict(self, tmp_path: Path) -> None:
        """Fewer than the contract's own: each operation is a request."""
        check_against_model(self.make_store, tmp_path, max_examples=12)

    def test_a_large_object_takes_little_memory(self, tmp_path: Path) -> None:
        """Beside the object itself, as much as the parts that are on their way."""
        store = cast(RemoteDatastore, self.make_store(tmp_path))
        size = 160 * MEGABYTE
        content = memoryview(bytes(MEGABYTE) * (size // MEGABYTE))
        tracemalloc.start()
        try:
            store.put("F/large", [content])
            written = tracemalloc.get_traced_memory()[1]
            tracemalloc.reset_peak()
            buffer = store.get_buffer("F/large", size)
            read = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        parts = store.part_workers * store.part_size
        assert written < parts + 24 * MEGABYTE
        assert read < size + parts + 24 * MEGABYTE
        assert buffer == content
        store.close()


def _write_and_read(store: RemoteDatastore) -> None:
    store.put("F/child", [b"child"], overwrite=True)
    assert store.get("F/child") == b"child"
    store.close()
