"""Tests of what garbage collection does to objects."""

from __future__ import annotations

from flowkit.interfaces.datastore import Datastore, ObjectInfo
from flowkit.testing.datastore_base import RawAccess

__all__ = ["AsideTests"]

KEY = "F/blobs/ab/abcd"


class AsideTests(RawAccess):
    """Objects that are set aside, brought back, dropped."""

    def test_an_object_that_is_set_aside_is_not_found_and_comes_back(self, store: Datastore) -> None:
        """With the content that it had, its neighbours untouched."""
        store.put_many([(KEY, [b"one"]), (f"{KEY}2", [b"two"])])
        assert [info.key for info in store.set_aside([_listed(store, KEY)])] == [KEY]
        assert store.info(KEY) is None
        assert [info.key for info in store.list("F")] == [f"{KEY}2"]
        assert [(info.key, info.size) for info in store.list_aside("F")] == [(KEY, 3)]
        assert [(info.key, info.size) for info in store.list_aside()] == [(KEY, 3)]
        assert store.restore(KEY)
        assert self.raw_get(store, KEY) == b"one"
        assert self.raw_get(store, f"{KEY}2") == b"two"
        assert store.restore(KEY)

    def test_dropping_is_for_good(self, store: Datastore) -> None:
        """Nothing is left, not even a hidden object."""
        store.put(KEY, [b"one"])
        assert list(store.set_aside([_listed(store, KEY)]))
        listed = list(store.list_aside("F"))
        store.drop_aside(listed)
        store.drop_aside(listed)
        assert not store.restore(KEY)
        assert self.raw_list(store) == set()
        assert list(store.list_aside("F")) == []

    def test_an_object_that_changed_since_it_was_listed_stays(self, store: Datastore) -> None:
        """Renewed, written anew, or gone."""
        store.put_many([(f"F/blobs/{name}", [b"content"]) for name in ("aa", "bb")])
        older = [ObjectInfo(info.key, info.size, info.modified_at - 60) for info in store.list("F")]
        gone = ObjectInfo("F/blobs/cc", 7, 0.0)
        assert list(store.set_aside([*older, gone])) == []
        assert {info.key for info in store.list("F")} == {"F/blobs/aa", "F/blobs/bb"}
        assert list(store.list_aside("F")) == []

    def test_a_writer_does_not_find_what_is_aside(self, store: Datastore) -> None:
        """It writes anew, and what was aside doesn't come in between."""
        store.put(KEY, [b"one"])
        assert list(store.set_aside([_listed(store, KEY)]))
        assert not store.renew(KEY)
        assert store.put(KEY, [b"one"])
        assert store.restore(KEY)
        store.drop_aside(store.list_aside("F"))
        assert self.raw_get(store, KEY) == b"one"

    def test_objects_are_set_aside_twice(self, store: Datastore) -> None:
        """As by two collectors: nothing is lost."""
        for _ in range(2):
            store.put(KEY, [b"one"])
            assert len(list(store.set_aside([_listed(store, KEY)]))) == 1
        assert list(store.set_aside([ObjectInfo(KEY, 3, 0.0)])) == []
        assert store.restore(KEY)
        assert self.raw_get(store, KEY) == b"one"

    def test_what_was_set_aside_since_is_not_dropped(self, store: Datastore) -> None:
        """By another collector: what one has listed is all that it drops."""
        store.put(KEY, [b"one"])
        assert list(store.set_aside([_listed(store, KEY)]))
        listed = list(store.list_aside("F"))
        store.put(KEY, [b"one"])
        assert list(store.set_aside([_listed(store, KEY)]))
        store.drop_aside(listed)
        assert [info.key for info in store.list_aside("F")] == [KEY]
        assert store.restore(KEY)
        assert self.raw_get(store, KEY) == b"one"

    def test_many_are_set_aside(self, store: Datastore) -> None:
        """More than one batch."""
        keys = {f"F/blobs/{index:04}" for index in range(260)}
        store.put_many([(key, [b"x"]) for key in keys])
        assert {info.key for info in store.set_aside(store.list("F/blobs"))} == keys
        assert {info.key for info in store.list_aside("F/blobs")} == keys
        store.drop_aside(list(store.list_aside("F/blobs")))
        assert self.raw_list(store) == set()

    def test_what_is_copied_is_whole_and_the_source_stays(self, store: Datastore) -> None:
        """Large or empty; over what was there."""
        for content in (b"", b"x" * (9 << 20)):
            store.put("F/a", [content], overwrite=True)
            assert store.copy("F/a", "F/b")
            assert self.raw_get(store, "F/a") == self.raw_get(store, "F/b") == content
        assert not store.copy("F/missing", "F/b")


def _listed(store: Datastore, key: str) -> ObjectInfo:
    info = store.info(key)
    assert info is not None
    return info
