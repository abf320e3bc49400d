"""Items of splits: written in one pass, read one by one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowkit.artifacts.serializers import SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.errors import ArtifactError, CorruptedBlobError, KeyNotFound, UnpicklableArtifact
from flowkit.interfaces.datastore import Buffer


class CountingDatastore(LocalDatastore):
    """Counts the bytes that are read."""

    read = 0

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        content = super().get(key, start, length)
        self.read += len(content)
        return content

    def get_buffer(self, key: str, size: int) -> memoryview:
        self.read += size
        return super().get_buffer(key, size)


class WatchedDatastore(LocalDatastore):
    """Knows the largest write."""

    largest = 0

    def put(self, key: str, parts: Sequence[Buffer], *, overwrite: bool = False) -> bool:
        self.largest = max(self.largest, sum(memoryview(part).nbytes for part in parts))
        return super().put(key, parts, overwrite=overwrite)


@pytest.mark.parametrize(
    "items",
    [
        [],
        [1],
        list(range(1000)),
        "text",
        {"a": 1, "b": 2},
        {1, 2, 3},
        (1, "a", None, [b"x"]),
        range(10),
        ["x" * 10_000, os.urandom(10_000)],
        ["compressible " * 200_000, os.urandom(3 << 20), "\u00e9" * 2_000_000],
        [pd.DataFrame({"a": np.arange(10)})],
    ],
    ids=lambda items: type(items).__name__,
)
def test_items_load_one_by_one(any_store: ArtifactStore, items: Any) -> None:
    ref = any_store.save_items("xs", items)
    assert ref.count == len(items)
    for index, item in enumerate(items):
        loaded = any_store.load_item(ref, index)
        assert loaded.equals(item) if isinstance(item, pd.DataFrame) else loaded == item
    assert any_store.save_items("xs", items) == ref


def test_a_generator_is_iterated_once(store: ArtifactStore) -> None:
    ref = store.save_items("xs", (number**2 for number in range(5)))
    assert [store.load_item(ref, index) for index in range(5)] == [0, 1, 4, 9, 16]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=30) | st.binary(max_size=30) | st.integers(), max_size=20))
def test_any_items(store: ArtifactStore, items: list[Any]) -> None:
    ref = store.save_items("xs", items)
    assert [store.load_item(ref, index) for index in range(ref.count)] == items


@pytest.mark.parametrize("size", [1_000_000, 1 << 20])
def test_a_task_reads_its_own_item_of_a_thousand(tmp_path: Path, size: int) -> None:
    datastore = CountingDatastore(str(tmp_path / "root"))
    store = ArtifactStore(datastore, "F", SerializerTable())
    whole = np.random.default_rng(1).integers(0, 255, size, dtype="u1")

    def arrays() -> Iterator[np.ndarray[Any, Any]]:
        for number in range(1000):
            item = whole if number % 250 == 0 else whole[:1000].copy()
            yield item + number % 7

    ref = store.save_items("xs", arrays())
    datastore.read = 0
    assert np.array_equal(store.load_item(ref, 500), whole + 500 % 7)
    assert datastore.read < size + 1000
    datastore.read = 0
    assert np.array_equal(store.load_item(ref, 999), whole[:1000] + 999 % 7)
    assert datastore.read < 2500


def test_items_are_written_as_they_come(tmp_path: Path) -> None:
    """No more than a few of them are in memory at a time."""
    import tracemalloc

    store = ArtifactStore(WatchedDatastore(str(tmp_path / "root")), "F", SerializerTable())
    tracemalloc.start()
    try:
        ref = store.save_items("xs", (os.urandom(1 << 20) for _ in range(60)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert ref.blob.size > 60 << 20
    assert peak < 12 << 20
    assert isinstance(store.datastore, WatchedDatastore)
    assert store.datastore.largest == 0, "streamed, not put"


def test_large_buffers_are_shared_with_the_list_itself(store: ArtifactStore) -> None:
    arrays = [np.random.default_rng(number).random(200_000) for number in range(5)]
    store.save("xs", arrays)
    before = sum(info.size for info in store.datastore.list())
    ref = store.save_items("xs", arrays)
    assert sum(info.size for info in store.datastore.list()) - before < 5000
    loaded = store.load_item(ref, 2)
    assert np.array_equal(loaded, arrays[2])
    loaded[0] = 1
    assert np.array_equal(store.load_item(ref, 2), arrays[2])


def test_compressible_items_are_compressed(store: ArtifactStore) -> None:
    ref = store.save_items("xs", ["word " * 10_000, "word " * 1_000_000])
    assert ref.blob.size < 50_000


@pytest.mark.parametrize("index", [-1, 3, 100])
def test_an_item_that_is_not_there(store: ArtifactStore, index: int) -> None:
    ref = store.save_items("xs", "abc")
    with pytest.raises(ArtifactError, match=f"no item {index}: the split has 3"):
        store.load_item(ref, index)


def test_damage_is_noticed(store: ArtifactStore) -> None:
    ref = store.save_items("xs", ["a" * 100, "b" * 100, "c" * 100])
    path = Path(store.datastore.root, next(iter(store.datastore.list("F/blobs"))).key)
    content = path.read_bytes()
    noticed = 0
    for position in range(0, len(content), 3):
        damaged = bytearray(content)
        damaged[position] ^= 0x55
        path.write_bytes(damaged)
        for index, expected in enumerate("abc"):
            try:
                loaded = store.load_item(ref, index)
            except CorruptedBlobError:
                noticed += 1
            else:
                assert loaded == expected * 100
    assert noticed >= len(content) // 3
    for length in (0, 10, 200, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(CorruptedBlobError, match="item 2"):
            store.load_item(ref, 2)
    path.unlink()
    with pytest.raises(KeyNotFound):
        store.load_item(ref, 0)


def test_an_item_that_cannot_be_pickled_is_named(store: ArtifactStore) -> None:
    with pytest.raises(UnpicklableArtifact, match=r"self\.xs\[2\].*\['f'\] is a lambda"):
        store.save_items("xs", [1, 2, {"f": lambda: 1}])
    with pytest.raises(UnpicklableArtifact, match=r"self\.xs\[200\]"):
        store.save_items("xs", [*(os.urandom(10_000) for _ in range(200)), (lambda: 1)])
    assert not [name for _, _, names in os.walk(store.datastore.root) for name in names]


def test_an_iterable_that_fails_leaves_nothing(store: ArtifactStore) -> None:
    def items() -> Iterator[bytes]:
        for _ in range(300):
            yield os.urandom(10_000)
        raise RuntimeError("of the user's own")

    with pytest.raises(RuntimeError, match="of the user's own"):
        store.save_items("xs", items())
    assert not [name for _, _, names in os.walk(store.datastore.root) for name in names]


def test_items_of_types_of_another_main(store: ArtifactStore, tmp_path: Path) -> None:
    import subprocess
    import sys

    script = tmp_path / "flow.py"
    script.write_text(
        "import sys\n"
        "class Item:\n"
        "    n = 5\n"
        "if __name__ == '__main__':\n"
        "    from flowkit.artifacts.store import ArtifactStore\n"
        "    from flowkit.builtin.local_datastore import LocalDatastore\n"
        "    ref = ArtifactStore(LocalDatastore(sys.argv[1]), 'F').save_items('xs', [Item(), Item])\n"
        "    print(ref.blob.hash, ref.blob.size)\n"
    )
    done = subprocess.run([sys.executable, script, store.datastore.root], capture_output=True, text=True, check=True)
    digest, size = done.stdout.split()
    from flowkit.model.artifact import BlobRef, ItemsRef

    ref = ItemsRef(BlobRef(digest, int(size), "raw", int(size)), 2)
    module = ModuleType("flow")
    exec(compile(script.read_text(), str(script), "exec"), module.__dict__)
    assert type(store.load_item(ref, 0, main_module=module)) is module.Item
    assert store.load_item(ref, 1, main_module=module) is module.Item
