"""What was only read is not stored again, and what was changed always is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowkit.artifacts import mappings
from flowkit.artifacts import values as values_module
from flowkit.artifacts.hashing import digest
from flowkit.artifacts.store import ArtifactStore
from flowkit.model.artifact import ArtifactEntry

SIZE = 3 << 20


class Holder:
    """An object of a user's own."""

    def __init__(self) -> None:
        self.array = np.arange(500_000)
        self.names = ["a", "b"]
        self.cache: dict[str, int] = {}


class Forgetful:
    """Its pickle depends on what happened to it."""

    def __init__(self) -> None:
        self.reads = 0

    def __setstate__(self, state: dict[str, int]) -> None:
        self.__dict__.update(state)
        self.reads = 0


VALUES: dict[str, Any] = {
    "int": 1,
    "text": "abc",
    "none": None,
    "nan": float("nan"),
    "list": [1, [2]],
    "bytes": b"x" * 5_000_000,
    "array": np.random.default_rng(1).random(500_000),
    "zeros": np.zeros(500_000),
    "small arrays": [np.arange(10_000) + number for number in range(20)],
    "arrays": [np.arange(500_000) + number for number in range(3)],
    "frame": pd.DataFrame({"a": np.arange(300_000), "s": ["x"] * 300_000}),
    "holder": Holder(),
    "many": [{"n": index} for index in range(100_000)],
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_was_read_keeps_its_entry(any_store: ArtifactStore, name: str) -> None:
    entry = any_store.save(name, VALUES[name])
    before = {info.key: info for info in any_store.datastore.list()}
    loaded = any_store.load(entry)
    assert any_store.save(name, loaded, previous=entry) is entry
    assert {info.key: info for info in any_store.datastore.list()} == before


def test_untouched_mappings_are_not_hashed(store: ArtifactStore, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = store.save("value", [np.arange(1_000_000), np.arange(100_000), np.arange(100_000) + 1])
    loaded = store.load(entry)
    assert loaded[0].sum() + loaded[2].sum() > 0, "reading leaves the pages as they are"
    hashed: list[int] = []

    def counting_digest(parts: Sequence[memoryview]) -> str:
        hashed.append(sum(part.nbytes for part in parts))
        return digest(parts)

    monkeypatch.setattr(values_module, "digest", counting_digest)
    assert store.save("value", loaded, previous=entry) is entry
    assert sum(hashed) < 10_000
    assert store.save("value", loaded).buffers == entry.buffers, "also where no entry says what it was"
    loaded[0][999_999] = 5
    assert store.save("value", loaded, previous=entry) is not entry
    assert sum(hashed) > 8_000_000


@pytest.mark.parametrize("position", [0, 1, 4095, 4096, SIZE // 2, SIZE - 4097, SIZE - 1])
def test_one_byte_of_a_mapped_array(store: ArtifactStore, position: int) -> None:
    array = np.random.default_rng(3).integers(0, 255, SIZE, dtype="u1")
    entry = store.save("array", array)
    loaded = store.load(entry)
    loaded[position] ^= 1
    saved = store.save("array", loaded, previous=entry)
    assert saved.hash != entry.hash
    assert np.flatnonzero(store.load(saved) != array).tolist() == [position]
    assert np.array_equal(store.load(entry), array)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(0, 255)), max_size=4))
def test_any_bytes_of_a_mapped_array(store: ArtifactStore, changes: list[tuple[int, int]]) -> None:
    array = np.zeros(SIZE, "u1")
    array[::3] = np.random.default_rng(4).integers(0, 255, len(array[::3]))
    entry = store.save("array", array)
    loaded = store.load(entry)
    for position, value in changes:
        loaded[position] = value
    saved = store.save("array", loaded, previous=entry)
    assert np.array_equal(store.load(saved), loaded)
    assert (saved.hash == entry.hash) == np.array_equal(loaded, array)


def change_list(value: Any) -> None:
    value["deep"][1][0].append(3)


def change_dict(value: Any) -> None:
    value["dict"]["b"] = 2


def change_column(value: Any) -> None:
    value["frame"].loc[7, "a"] = -1


def change_in_place(value: Any) -> None:
    value["frame"]["a"].to_numpy(copy=False)  # a view alone changes nothing
    value["array"] += 1


def change_order(value: Any) -> None:
    value["arrays"].reverse()


def change_attribute(value: Any) -> None:
    value["holder"].names.append("c")


def change_element(value: Any) -> None:
    value["small"][5] = 9.0


def change_type(value: Any) -> None:
    value["dict"]["a"] = 1.0


def change_name(value: Any) -> None:
    value["frame"].columns = ["a", "t"]


@pytest.mark.parametrize(
    "change",
    [
        change_list,
        change_dict,
        change_column,
        change_in_place,
        change_order,
        change_attribute,
        change_element,
        change_type,
        change_name,
    ],
)
def test_a_change_in_place_is_stored(any_store: ArtifactStore, change: Any) -> None:
    value = {
        "deep": [1, [[2]]],
        "dict": {"a": 1},
        "frame": pd.DataFrame({"a": np.arange(300_000), "s": ["x"] * 300_000}),
        "array": np.arange(500_000),
        "arrays": [np.arange(500_000), np.arange(500_000) + 1],
        "small": np.zeros(100),
        "holder": Holder(),
    }
    entry = any_store.save("value", value)
    loaded = any_store.load(entry)
    change(loaded)
    saved = any_store.save("value", loaded, previous=entry)
    assert saved.hash != entry.hash
    again = any_store.load(saved)
    assert any_store.save("value", again, previous=saved) is saved
    assert any_store.save("value", any_store.load(entry), previous=entry) is entry


def test_another_value_of_the_same_pickle_length(store: ArtifactStore) -> None:
    for one, other in (
        (1, 2),
        ("abc", "abd"),
        (True, False),
        (1.0, 2.0),
        ([1], [2]),
        (b"a", b"b"),
        (0.0, -0.0),
        (1, True),
    ):
        entry = store.save("value", one)
        saved = store.save("value", other, previous=entry)
        assert saved is not entry
        loaded = store.load(saved)
        assert repr(loaded) == repr(other)


def test_a_pickle_that_differs_only_in_form_is_no_change(store: ArtifactStore) -> None:
    """Two equal strings that were two objects may be one after loading."""
    parts = ["".join(["na", "me"]), "".join(["na", "me"])]
    assert parts[0] is not parts[1]
    holders = []
    for part in parts:
        holder = Holder.__new__(Holder)
        holder.__dict__ = {part: 1}
        holders.append(holder)
    entry = store.save("value", holders)
    loaded = store.load(entry)
    assert store.save("value", loaded, previous=entry) is entry
    assert store.save("value", loaded).hash != entry.hash, "else this test shows nothing"


def test_an_object_that_forgets_is_stored_as_it_is(store: ArtifactStore) -> None:
    value = Forgetful()
    value.reads = 5
    entry = store.save("value", value)
    loaded = store.load(entry)
    assert store.save("value", loaded, previous=entry) is entry, "it is what loading gives"
    loaded.reads = 2
    assert store.save("value", loaded, previous=entry) is not entry


def test_part_of_a_mapping_is_not_the_mapping(store: ArtifactStore) -> None:
    array = np.random.default_rng(5).random(600_000)
    entry = store.save("array", array)
    for part in (slice(0, 300_000), slice(1, None), slice(300_000, None)):
        loaded = store.load(entry)[part]
        saved = store.save("array", loaded, previous=entry)
        assert np.array_equal(store.load(saved), array[part])


def test_memory_of_a_mapping_that_is_gone(store: ArtifactStore) -> None:
    """Its addresses may hold something else by now."""
    entries: list[ArtifactEntry] = [store.save("array", np.full(500_000, float(number))) for number in range(4)]
    raw = [store.save("raw", np.random.default_rng(number).random(500_000)) for number in range(4)]
    for _ in range(3):
        for entry in (*entries, *raw):
            assert store.load(entry)[0] >= 0
        for number in range(4):
            fresh = np.random.default_rng(100 + number).random(500_000)
            assert np.array_equal(store.load(store.save("fresh", fresh)), fresh)


def test_a_mapped_blob_that_was_removed_is_written_again(store: ArtifactStore) -> None:
    array = np.random.default_rng(6).random(500_000)
    entry = store.save("array", array)
    loaded = store.load(entry)
    store.datastore.delete([info.key for info in store.datastore.list("F/blobs")])
    saved = store.save("other name", {"array": loaded})
    assert np.array_equal(store.load(saved)["array"], array)


def test_without_a_word_from_the_kernel_everything_is_hashed(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mappings, "_trusted", False)
    array = np.random.default_rng(7).random(500_000)
    entry = store.save("array", array)
    loaded = store.load(entry)
    assert store.save("array", loaded, previous=entry) is entry
    loaded[3] = 1
    assert store.save("array", loaded, previous=entry) is not entry


def test_a_forked_child_that_writes(store: ArtifactStore) -> None:
    """A mapping that the parent made: the child's pages are the child's."""
    import os

    array = np.random.default_rng(8).random(500_000)
    entry = store.save("array", array)
    loaded = store.load(entry)
    child = os.fork()
    if child == 0:
        kept = store.save("array", loaded, previous=entry) is entry
        loaded[5] = 2
        os._exit(0 if kept and store.save("array", loaded, previous=entry) is not entry else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.save("array", loaded, previous=entry) is entry
