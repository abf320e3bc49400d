"""Tests of keys: odd ones that must work, and hostile ones that must not."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from flowkit.errors import DatastoreError
from flowkit.interfaces.datastore import Datastore
from flowkit.testing.datastore_base import RawAccess

__all__ = ["KeyTests", "components"]

_ODD = (
    "with space",
    "UPPER.lower",
    ".hidden",
    "..two",
    "...",
    "dot.",
    ".tmp-1-2",
    "%",
    "%2E",
    "%+",
    "a%+",
    "x%+y",
    "+",
    "~",
    "-rf",
    "*?[]{}",
    "$HOME `id` ;&|<>",
    "'\"",
    "a:b",
    "tab\tnew\nline",
    "\x01\x7f",
    "é",
    "e\u0301",
    "日本語",
    "😀" * 30,
    "\u202eright to left",
    "x" * 200,
    "x" * 201,
    "." * 201,
    "y" * 500,
    "ß" * 300,
    "con",
    "nul.txt",
)
_REFUSED = (
    "",
    ".",
    "..",
    "/",
    "/etc/flowkit",
    "../outside",
    "F/../../outside",
    "F/./a",
    "F//a",
    "F/",
    "/F/a",
    "F\\a",
    "F/..\\outside",
    "F/a\0b",
)


def components() -> st.SearchStrategy[str]:
    """Any text that can be one component of a key."""
    odd = st.sampled_from([name for name in _ODD if len(name) < 60])
    text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\\\0"), min_size=1, max_size=12)
    return st.one_of(odd, st.sampled_from("abc"), text.filter(lambda name: name.strip() == name not in (".", "..")))


class KeyTests(RawAccess):
    """Keys."""

    @pytest.mark.parametrize("name", _ODD, ids=ascii)
    def test_an_odd_key_is_its_own_object(self, store: Datastore, name: str) -> None:
        """Written, read, listed and deleted under the very same name."""
        keys = [f"F/{name}/a", f"F/x/{name}"]
        for key in keys:
            assert store.put(key, [key.encode()])
        for key in keys:
            assert store.get(key) == key.encode()
            assert store.info(key) is not None
        assert sorted(info.key for info in store.list("F")) == sorted(keys)
        assert [info.key for info in store.list(f"F/{name}")] == [f"F/{name}/a"]
        assert {info.key for info in store.list("F", recursive=False)} == {f"F/{name}/", "F/x/"}
        store.delete(keys)
        assert list(store.list("")) == []

    def test_odd_keys_are_all_different(self, store: Datastore) -> None:
        """None is taken for another."""
        names = [name for name in _ODD if 2 * len(name.encode()) + 3 <= self.longest_key]
        for name in names:
            store.put(f"F/{name}/{name}", [name.encode()])
        assert {info.key for info in store.list("F")} == {f"F/{name}/{name}" for name in names}
        for name in names:
            assert store.get(f"F/{name}/{name}") == name.encode()

    @pytest.mark.parametrize("key", _REFUSED, ids=ascii)
    def test_a_key_that_leads_elsewhere_is_refused(self, store: Datastore, key: str) -> None:
        """By every operation, and nothing is written anywhere."""
        for action in (
            lambda: store.put(key, [b"x"]),
            lambda: store.get(key),
            lambda: store.get_buffer(key, 1),
            lambda: store.info(key),
            lambda: store.delete([key]),
            lambda: store.renew(key),
            lambda: _append(store, key),
            lambda: _commit(store, key),
        ):
            with pytest.raises(DatastoreError):
                action()
        assert self.raw_list(store) == set()


def _append(store: Datastore, key: str) -> None:
    log = store.open_log(key)
    log.append(b"x")
    log.close()


def _commit(store: Datastore, key: str) -> None:
    staged = store.stage("F")
    try:
        staged.write(b"x")
        staged.commit(key)
    finally:
        staged.discard()
