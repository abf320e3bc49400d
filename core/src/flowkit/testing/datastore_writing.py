"""Tests of what a datastore writes, looked at without it."""

from __future__ import annotations

import time

import pytest

from flowkit.errors import CorruptedBlobError
from flowkit.interfaces.datastore import Datastore
from flowkit.testing.datastore_base import RawAccess

__all__ = ["WritingTests"]

_MEGABYTE = 1 << 20


class WritingTests(RawAccess):
    """Writes."""

    def test_put_writes_the_parts_in_a_row(self, store: Datastore) -> None:
        """Of every kind of buffer."""
        matrix = memoryview(bytes(range(12))).cast("B", (3, 4))
        words = memoryview(bytes(range(16))).cast("Q")
        empty = memoryview(b"").cast("B")
        assert store.put("F/a", [b"one", bytearray(b"two"), memoryview(b"three"), matrix, words, empty])
        assert self.raw_get(store, "F/a") == b"onetwothree" + bytes(range(12)) + bytes(range(16))

    def test_put_writes_thousands_of_parts(self, store: Datastore) -> None:
        """More than a system call takes at once."""
        parts = [bytes([index % 251]) * (index % 7) for index in range(5000)]
        store.put("F/a", parts)
        assert self.raw_get(store, "F/a") == b"".join(parts)

    def test_put_writes_large_parts(self, store: Datastore) -> None:
        """Larger than buffers and parts of uploads usually are."""
        parts = [b"a" * (9 * _MEGABYTE + 1), b"b", b"c" * (3 * _MEGABYTE)]
        store.put("F/a", parts)
        assert self.raw_get(store, "F/a") == b"".join(parts)

    @pytest.mark.parametrize("parts", [[], [b""], [b"", b""]])
    def test_put_writes_an_empty_object(self, store: Datastore, parts: list[bytes]) -> None:
        """It is there, with no bytes."""
        assert store.put("F/a", parts)
        assert self.raw_get(store, "F/a") == b""
        assert not store.put("F/a", parts)

    def test_put_leaves_an_object_of_the_same_size(self, store: Datastore) -> None:
        """Without ``overwrite``, and says so."""
        self.raw_put(store, "F/a", b"old")
        assert not store.put("F/a", [b"n", b"ew"])
        assert self.raw_get(store, "F/a") == b"old"

    def test_put_replaces_an_object_of_another_size(self, store: Datastore) -> None:
        """That is what a write that broke off left."""
        self.raw_put(store, "F/a", b"ol")
        assert store.put("F/a", [b"new"])
        assert self.raw_get(store, "F/a") == b"new"

    def test_put_overwrites_if_asked(self, store: Datastore) -> None:
        """Same size or not."""
        self.raw_put(store, "F/a", b"old")
        assert store.put("F/a", [b"new"], overwrite=True)
        assert self.raw_get(store, "F/a") == b"new"

    def test_put_renews_what_it_leaves(self, store: Datastore) -> None:
        """So that a collection that goes by age doesn't take it."""
        store.put("F/a", [b"same"])
        before = store.info("F/a")
        time.sleep(1.1)  # the coarsest clock that stores have
        store.put("F/a", [b"same"])
        after = store.info("F/a")
        assert before is not None
        assert after is not None
        assert after.modified_at > before.modified_at

    def test_renew_renews(self, store: Datastore) -> None:
        """And leaves the content."""
        self.raw_put(store, "F/a", b"same")
        before = store.info("F/a")
        time.sleep(1.1)
        assert store.renew("F/a")
        after = store.info("F/a")
        assert before is not None
        assert after is not None
        assert after.modified_at > before.modified_at
        assert self.raw_get(store, "F/a") == b"same"

    def test_renew_says_that_nothing_is_there(self, store: Datastore) -> None:
        """And makes nothing."""
        assert not store.renew("F/a")
        assert self.raw_list(store) == set()

    def test_put_many(self, store: Datastore) -> None:
        """Writes each."""
        store.put_many((f"F/{number}", [str(number).encode()]) for number in range(20))
        assert self.raw_list(store) == {f"F/{number}" for number in range(20)}
        assert self.raw_get(store, "F/7") == b"7"

    def test_delete(self, store: Datastore) -> None:
        """Removes what is named, and passes over what isn't there."""
        for key in ("F/a/b", "F/a/c", "F/d"):
            self.raw_put(store, key, b"x")
        store.delete(["F/a/b", "F/nothing", "F/d"])
        assert self.raw_list(store) == {"F/a/c"}

    def test_a_deleted_key_can_be_written_again(self, store: Datastore) -> None:
        """With another content."""
        store.put("F/a/b", [b"one"])
        store.delete(["F/a/b"])
        assert store.put("F/a/b", [b"two"])
        assert self.raw_get(store, "F/a/b") == b"two"

    # --- staged objects --------------------------------------------------------------------------------------------

    def test_a_staged_object_is_nothing_before_it_has_a_key(self, store: Datastore) -> None:
        """And then is all that was written."""
        staged = store.stage("F/blobs")
        staged.write(b"one")
        staged.write(memoryview(b"x" * 5 * _MEGABYTE))
        assert list(store.list("")) == []
        assert self.raw_list(store) == set()
        assert staged.commit("F/blobs/ab/abcd")
        assert self.raw_get(store, "F/blobs/ab/abcd") == b"one" + b"x" * 5 * _MEGABYTE

    def test_a_staged_object_leaves_one_of_its_size(self, store: Datastore) -> None:
        """As ``put`` does."""
        self.raw_put(store, "F/blobs/a", b"old")
        staged = store.stage("F/blobs")
        staged.write(b"new")
        assert not staged.commit("F/blobs/a")
        assert self.raw_get(store, "F/blobs/a") == b"old"
        assert self.raw_list(store) == {"F/blobs/a"}

    def test_a_discarded_object_is_nothing(self, store: Datastore) -> None:
        """Also after its commit, when it is too late."""
        staged = store.stage("F/blobs")
        staged.write(b"new")
        staged.discard()
        assert self.raw_list(store) == set()
        kept = store.stage("F/blobs")
        kept.write(b"new")
        kept.commit("F/blobs/a")
        kept.discard()
        assert self.raw_get(store, "F/blobs/a") == b"new"

    def test_an_empty_staged_object(self, store: Datastore) -> None:
        """It is there, with no bytes."""
        assert store.stage("F").commit("F/a")
        assert self.raw_get(store, "F/a") == b""

    def test_removing_leftovers_removes_no_object(self, store: Datastore) -> None:
        """Whatever their age."""
        store.put("F/a/b", [b"x"])
        store.remove_leftovers(0)
        assert self.raw_get(store, "F/a/b") == b"x"

    # --- logs ------------------------------------------------------------------------------------------------------

    def test_a_log_is_all_that_was_appended(self, store: Datastore) -> None:
        """In order."""
        log = store.open_log("F/log")
        for number in range(50):
            log.append(f"line {number}\n".encode())
        log.close()
        assert self.raw_get(store, "F/log") == b"".join(f"line {number}\n".encode() for number in range(50))
        assert store.get("F/log").startswith(b"line 0\nline 1\n")

    def test_a_log_without_an_append_is_nothing(self, store: Datastore) -> None:
        """No object is made."""
        store.open_log("F/log").close()
        assert self.raw_get(store, "F/log") is None
        assert store.info("F/log") is None

    def test_a_log_begins_at_its_beginning(self, store: Datastore) -> None:
        """What was there before is gone."""
        for text in (b"a longer first attempt", b"second"):
            log = store.open_log("F/log")
            log.append(text)
            log.close()
        assert self.raw_get(store, "F/log") == b"second"

    # --- damage ----------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("size", [2, 4, 3 * _MEGABYTE])
    def test_get_buffer_notices_another_size(self, store: Datastore, size: int) -> None:
        """What was cut short, or isn't what it should be."""
        self.raw_put(store, "F/a", b"abc")
        with pytest.raises(CorruptedBlobError, match="F/a"):
            store.get_buffer("F/a", size)
