"""Values go into the store and come back."""

from __future__ import annotations

import datetime
import importlib
import os
import sys
from collections import Counter, OrderedDict, namedtuple
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowkit.artifacts.store import ArtifactStore
from flowkit.artifacts.values import INLINE, OWN_BLOB
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.errors import ArtifactError, CorruptedBlobError
from flowkit.model.artifact import ArtifactEntry, BlobRef, BufferRef, Manifest

Point = namedtuple("Point", "x y")


def blobs(store: ArtifactStore) -> list[str]:
    return sorted(info.key for info in store.datastore.list("F/blobs"))


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return type(other) is type(one) and one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, pd.DataFrame | pd.Series):
        return type(other) is type(one) and one.equals(other)
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return type(one) is type(other) and list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return type(one) is type(other) and one == other


VALUES = {
    "none": None,
    "bool": True,
    "int": 2**100,
    "float": 0.1,
    "complex": 1j,
    "text": "h\u00e9llo \ud800",
    "bytes": b"\x00\xff",
    "long text": "word " * 2000,
    "very long text": "w\u00f6rd " * 1_000_000,
    "very long bytes": os.urandom(3 << 20),
    "list": [1, [2, [3]]],
    "dict": {"a": 1, (1, 2): "b"},
    "set": {1, 2, 3},
    "counter": Counter("abracadabra"),
    "ordered": OrderedDict(a=1),
    "tuple": Point(1, 2),
    "date": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
    "type": dict,
    "function": os.path.join,
    "many": [{"n": index, "t": str(index)} for index in range(50_000)],
    "tiny array": np.arange(3),
    "shared array": np.arange(20_000.0),
    "own array": np.arange(300_000.0),
    "random array": np.random.default_rng(1).random(400_000),
    "zeros": np.zeros(1_000_000),
    "fortran": np.asfortranarray(np.arange(1_000_000.0).reshape(1000, 1000)),
    "sliced array": np.arange(4_000_000)[::2],
    "empty array": np.zeros((0, 5)),
    "objects": np.array([{"a": 1}, None], dtype=object),
    "structured": np.zeros(100_000, dtype=[("a", "i4"), ("b", "f8")]),
    "several": [np.full(30_000 * index, index, dtype="u1") for index in range(1, 60)],
    "frame": pd.DataFrame({"a": np.arange(300_000), "b": np.random.default_rng(1).random(300_000)}),
    "text frame": pd.DataFrame({"s": [f"row {index}" for index in range(50_000)], "c": pd.Categorical(["x"] * 50_000)}),
    "series": pd.Series(np.arange(10)),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_loads_equal(any_store: ArtifactStore, name: str) -> None:
    value = VALUES[name]
    entry = any_store.save(name, value)
    assert same(any_store.load(entry), value)
    assert entry.serializer == "pickle"
    assert entry.type.endswith(type(value).__qualname__)
    assert not entry.type.startswith("numpy.numpy")


@pytest.mark.parametrize("name", VALUES)
def test_equal_values_have_equal_hashes_and_are_stored_once(any_store: ArtifactStore, name: str) -> None:
    first = any_store.save(name, VALUES[name])
    before = blobs(any_store)
    again = ArtifactStore(any_store.datastore, "F", any_store.serializers).save("other", VALUES[name])
    assert again == first
    assert blobs(any_store) == before


def test_a_small_value_writes_nothing(store: ArtifactStore) -> None:
    for value in VALUES["none"], VALUES["list"], VALUES["tiny array"], "x" * 1000:
        entry = store.save("small", value)
        assert entry.inline is not None
        assert len(entry.inline) <= INLINE
    assert blobs(store) == []


def test_large_buffers_have_blobs_of_their_own_and_smaller_ones_share(store: ArtifactStore) -> None:
    value = {
        "in band": np.zeros(1000, "u1"),
        "first": np.full(40_001, 1, "u1"),
        "own": np.full(OWN_BLOB, 2, "u1"),
        "second": np.full(50_000, 3, "u1"),
    }
    entry = store.save("value", value)
    assert [buffer.length for buffer in entry.buffers] == [40_001, OWN_BLOB, 50_000]
    first, own, second = entry.buffers
    assert first.blob == second.blob != own.blob
    assert own.offset == first.offset == 0
    assert second.offset == 40_064, "aligned to 64 bytes"
    assert same(store.load(entry), value)


def test_equal_buffers_are_one_blob_but_not_one_memory(store: ArtifactStore) -> None:
    entry = store.save("value", [np.zeros(2_000_000, "u1"), np.zeros(2_000_000, "u1")])
    assert entry.buffers[0].blob == entry.buffers[1].blob
    one, other = store.load(entry)
    one[5] = 1
    assert other[5] == 0


@pytest.mark.parametrize("count", [10, 20_000, 300_000, 3_000_000])
@pytest.mark.parametrize("fill", ["random", "zeros"])
def test_loaded_memory_is_writable_and_private(any_store: ArtifactStore, count: int, fill: str) -> None:
    array = np.random.default_rng(2).random(count) if fill == "random" else np.zeros(count)
    frame = pd.DataFrame({"a": array, "b": np.arange(count)})
    entries = any_store.save("array", array), any_store.save("frame", frame)
    for _ in range(2):
        loaded, loaded_frame = (any_store.load(entry) for entry in entries)
        assert same(loaded, array)
        assert same(loaded_frame, frame)
        loaded[0] = loaded[-1] = 7
        loaded_frame.loc[3, "b"] = -1
        loaded_frame["a"] += 1
        assert loaded[0] == 7
        assert loaded_frame["b"][3] == -1


def test_twenty_runs_of_the_same_data_store_it_once(store: ArtifactStore) -> None:
    seen = set()
    for _ in range(20):
        frame = pd.DataFrame({"a": np.arange(200_000), "s": [f"{index}" for index in range(200_000)]})
        seen.add(store.save("frame", frame).hash)
    assert len(seen) == 1
    assert sum(info.size for info in store.datastore.list("F/blobs")) < 1.2 * (200_000 * 8 * 2 + 1_100_000)


def test_a_stored_blob_is_renewed_before_it_is_named_again(store: ArtifactStore) -> None:
    values = (np.arange(300_000), np.zeros(300_000), [f"x{index}" for index in range(500_000)], "x" * 5000)
    for value in values:
        store.save("value", value)
        keys = blobs(store)
        for key in keys:
            os.utime(Path(store.datastore.root, key), (1, 1))
        store.save("value", value)
        for key in keys:
            info = store.datastore.info(key)
            assert info is not None
            assert info.modified_at > 1, key
        store.datastore.delete(keys)


def test_a_damaged_blob_is_mended_by_the_next_writer(store: ArtifactStore) -> None:
    for value in (np.arange(300_000), np.zeros(300_000), "x" * 5000, [f"x{index}" for index in range(500_000)]):
        entry = store.save("value", value)
        for key in blobs(store):
            path = Path(store.datastore.root, key)
            path.write_bytes(path.read_bytes()[:-3])
        with pytest.raises(CorruptedBlobError):
            store.load(entry)
        assert store.save("value", value) == entry
        assert same(store.load(entry), value)
        store.datastore.delete(blobs(store))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=20,
    )
)
def test_any_plain_value(store: ArtifactStore, value: Any) -> None:
    entry = store.save("value", value)
    loaded = store.load(entry)
    assert same(loaded, value)
    assert store.save("value", loaded, previous=entry) is entry


# --- damage --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["random array", "zeros", "many", "shared array", "very long text"])
def test_what_was_cut_short_is_noticed(any_store: ArtifactStore, name: str) -> None:
    entry = any_store.save(name, VALUES[name])
    for key in blobs(any_store):
        path = Path(any_store.datastore.root, key)
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(CorruptedBlobError, match=r"artifact 'x'.*blobs/.*or remove it, and.*resume STEP"):
        any_store.load(entry, name="x")


@pytest.mark.parametrize("name", ["random array", "zeros", "many"])
def test_what_was_changed_is_noticed(any_store: ArtifactStore, name: str) -> None:
    entry = any_store.save(name, VALUES[name])
    for key in blobs(any_store):
        path = Path(any_store.datastore.root, key)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    if name == "random array" and any_store.datastore.is_mappable():
        return  # what is mapped isn't read, and so only its size is checked
    with pytest.raises(CorruptedBlobError):
        any_store.load(entry)


def test_what_was_removed_is_said(any_store: ArtifactStore) -> None:
    entry = any_store.save("x", VALUES["own array"])
    any_store.datastore.delete(blobs(any_store))
    with pytest.raises(CorruptedBlobError, match=r"artifact 'x'.*blobs/.*removed.*resume STEP"):
        any_store.load(entry, name="x")


def test_a_module_that_is_missing_is_said(
    store: ArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vanishing.py").write_text("class Thing:\n    pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    entry = store.save("thing", importlib.import_module("vanishing").Thing())
    monkeypatch.undo()
    del sys.modules["vanishing"]
    with pytest.raises(ArtifactError, match=r"'thing' \(of type vanishing.Thing\).*No module named 'vanishing'"):
        store.load(entry, name="thing")


def test_plain_blobs(any_store: ArtifactStore) -> None:
    for content in (b"", b"abc", bytes(3 << 20), os.urandom(3 << 20)):
        ref = any_store.put_blob(content)
        assert ref.size == len(content)
        assert any_store.get_blob(ref) == content
        assert any_store.put_blob(memoryview(content)) == ref
    with pytest.raises(CorruptedBlobError):
        any_store.get_blob(attrs.evolve(any_store.put_blob(b"abc"), size=4))


# --- manifests -----------------------------------------------------------------------------------------------------


def test_manifests(store: ArtifactStore, datastore: LocalDatastore) -> None:
    manifests = [Manifest("F", "1", "s", str(number), 0, {"n": store.save("n", number)}) for number in range(5)]
    keys = [store.write_manifest(manifest) for manifest in manifests]
    assert keys[3] == "F/runs/1/s/3/0.json"
    assert store.read_manifest(keys[3]) == manifests[3]
    assert list(store.read_manifests(keys)) == manifests
    datastore.delete([keys[1]])
    assert list(store.find_manifests(keys[:3])) == [manifests[0], None, manifests[2]]
    from flowkit.errors import KeyNotFound

    with pytest.raises(KeyNotFound, match=r"s/1/0\.json"):
        list(store.read_manifests(keys))
    with pytest.raises(KeyNotFound):
        store.read_manifest(keys[1])


def test_a_manifest_names_the_flows_file(datastore: LocalDatastore) -> None:
    store = ArtifactStore(datastore, "F", main_file="/flows/flow.py")
    key = store.write_manifest(Manifest("F", "1", "s", "1", 0, {}))
    assert store.read_manifest(key).main_file == "/flows/flow.py"


def test_a_trivial_task_writes_one_file(store: ArtifactStore) -> None:
    entries: dict[str, ArtifactEntry] = {name: store.save(name, name) for name in "abc"}
    store.write_manifest(Manifest("F", "1", "s", "1", 0, entries))
    assert [info.key for info in store.datastore.list()] == ["F/runs/1/s/1/0.json"]


def test_references_are_values() -> None:
    ref = BlobRef("ab", 3)
    assert BufferRef(ref, 0, 3) == BufferRef(BlobRef("ab", 3), 0, 3)
