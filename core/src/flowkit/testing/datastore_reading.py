"""Tests of what a datastore reads and lists, of objects written without it."""

from __future__ import annotations

import time

import pytest

from flowkit.errors import KeyNotFound
from flowkit.interfaces.datastore import Datastore, ObjectInfo
from flowkit.testing.datastore_base import RawAccess

__all__ = ["ReadingTests"]

_KEYS = ("F/a", "F/b/c", "F/b/d/e", "F/bc", "G/a")


class ReadingTests(RawAccess):
    """Reads."""

    def test_get_reads_all(self, store: Datastore) -> None:
        """Of small, large and empty objects."""
        for content in (b"", b"abc", bytes(range(256)) * 20_000):
            self.raw_put(store, f"F/{len(content)}", content)
            assert store.get(f"F/{len(content)}") == content

    @pytest.mark.parametrize(
        ("start", "length", "expected"),
        [
            (0, 3, b"012"),
            (3, None, b"3456789"),
            (3, 4, b"3456"),
            (8, 10, b"89"),
            (10, None, b""),
            (10, 5, b""),
            (20, 5, b""),
            (4, 0, b""),
        ],
    )
    def test_get_reads_a_range(self, store: Datastore, start: int, length: int | None, expected: bytes) -> None:
        """As far as the object goes."""
        self.raw_put(store, "F/a", b"0123456789")
        assert store.get("F/a", start, length) == expected

    @pytest.mark.parametrize("size", [0, 1, 100, 1 << 20, (3 << 20) + 1])
    def test_get_buffer_is_the_callers_own_memory(self, store: Datastore, size: int) -> None:
        """It may be written, and neither the object nor another reader sees that."""
        content = (bytes(range(251)) * (size // 251 + 1))[:size]
        self.raw_put(store, "F/a", content)
        buffer = store.get_buffer("F/a", size)
        assert buffer == content
        assert not buffer.readonly
        if size:
            buffer[0] ^= 0xFF
            buffer[size - 1] ^= 0x0F
            assert buffer != content
        assert store.get_buffer("F/a", size) == content
        assert self.raw_get(store, "F/a") == content

    def test_a_buffer_outlives_its_object(self, store: Datastore) -> None:
        """A value that was loaded doesn't depend on what becomes of the store."""
        content = b"x" * (2 << 20)
        self.raw_put(store, "F/a", content)
        buffer = store.get_buffer("F/a", len(content))
        store.delete(["F/a"])
        assert buffer == content

    def test_what_is_not_there(self, store: Datastore) -> None:
        """Neither in an empty store, nor beside or above what is there."""
        for key in ("F/a", "F/b", "F/b/c/d"):
            with pytest.raises(KeyNotFound, match=key):
                store.get(key)
            with pytest.raises(KeyNotFound, match=key):
                store.get(key, 5, 5)
            with pytest.raises(KeyNotFound, match=key):
                store.get_buffer(key, 3)
            assert store.info(key) is None
            assert store.local_path(key) is None
            self.raw_put(store, "F/b/c", b"abc")

    def test_info(self, store: Datastore) -> None:
        """Size, and a time that is about now."""
        before = time.time()
        self.raw_put(store, "F/a", b"abc")
        info = store.info("F/a")
        assert info is not None
        assert (info.key, info.size) == ("F/a", 3)
        assert before - 2 <= info.modified_at <= time.time() + 2

    def test_get_many(self, store: Datastore) -> None:
        """In the order asked, with None for what isn't there, repeated if asked twice."""
        for key in ("F/a", "F/b"):
            self.raw_put(store, key, key.encode())
        keys = ["F/b", "F/x", "F/a", "F/b"]
        assert list(store.get_many(keys)) == [("F/b", b"F/b"), ("F/x", None), ("F/a", b"F/a"), ("F/b", b"F/b")]

    def test_local_path_is_a_file_with_the_content(self, store: Datastore) -> None:
        """Where there is one."""
        self.raw_put(store, "F/a", b"abc")
        path = store.local_path("F/a")
        assert path is None or path.read_bytes() == b"abc"

    # --- listing ---------------------------------------------------------------------------------------------------

    @pytest.fixture
    def filled(self, store: Datastore) -> Datastore:
        """A store with objects."""
        for key in _KEYS:
            self.raw_put(store, key, key.encode())
        return store

    @pytest.mark.parametrize(
        ("prefix", "expected"),
        [
            ("", set(_KEYS)),
            ("F", {"F/a", "F/b/c", "F/b/d/e", "F/bc"}),
            ("F/b", {"F/b/c", "F/b/d/e"}),
            ("F/b/", {"F/b/c", "F/b/d/e"}),
            ("F/b/d", {"F/b/d/e"}),
            ("F/bc", {"F/bc"}),
            ("F/x", set()),
            ("F/bc/x", set()),
            ("f", set()),
        ],
    )
    def test_list(self, filled: Datastore, prefix: str, expected: set[str]) -> None:
        """By whole components, with sizes and times."""
        found = list(filled.list(prefix))
        assert sorted(info.key for info in found) == sorted(expected)
        assert all(info.size == len(info.key) and info.modified_at > 0 for info in found)

    @pytest.mark.parametrize(
        ("prefix", "expected"),
        [
            ("", {"F/", "G/"}),
            ("F", {"F/a", "F/b/", "F/bc"}),
            ("F/b", {"F/b/c", "F/b/d/"}),
            ("F/b/d", {"F/b/d/e"}),
            ("F/x", set()),
        ],
    )
    def test_list_one_level(self, filled: Datastore, prefix: str, expected: set[str]) -> None:
        """What is deeper is shown once."""
        found = list(filled.list(prefix, recursive=False))
        assert sorted(info.key for info in found) == sorted(expected)
        assert all(info == ObjectInfo(info.key, 0, 0) for info in found if info.key.endswith("/"))

    def test_list_shows_nothing_of_what_was_deleted(self, filled: Datastore) -> None:
        """No empty levels stay."""
        filled.delete(["F/b/d/e"])
        assert {info.key for info in filled.list("F/b", recursive=False)} == {"F/b/c"}
        filled.delete(["F/b/c", "F/a", "F/bc"])
        assert {info.key for info in filled.list("", recursive=False)} == {"G/"}

    def test_list_while_objects_vanish(self, filled: Datastore) -> None:
        """A listing that is under way doesn't fail."""
        keys = set()
        for info in filled.list(""):
            keys.add(info.key)
            filled.delete(_KEYS)
        assert keys <= set(_KEYS)
