"""The serializers keep the contract, map what they load, and store no more than a slice shows."""

from __future__ import annotations

import datetime
import decimal
import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowkit.artifacts.serializers import SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.builtin.serializers.arrow_values import ArrowSerializer
from flowkit.builtin.serializers.json_values import JSONSerializer
from flowkit.builtin.serializers.parquet_frames import ParquetSerializer
from flowkit.builtin.serializers.polars_frames import PolarsSerializer
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings
from flowkit.testing.serializer import SerializerContract

TEXTS = [f"row number {index}" for index in range(20_000)]


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    table = SerializerTable.from_registry(Registry.discover(Settings.load()))
    return ArtifactStore(LocalDatastore(str(tmp_path / "root")), "F", table)


def arrow_table() -> Any:
    return pa.table({"n": range(20_000), "s": TEXTS, "l": [[index] for index in range(20_000)]})


def polars_frame() -> Any:
    day = datetime.date(2020, 1, 1)
    return pl.DataFrame(
        {
            "i": [1, None, 3],
            "s": ["a", None, "c" * 50],
            "b": [b"x", None, b"yy"],
            "t": [True, None, False],
            "l": [[1], [], None],
            "r": [{"a": 1}, {"a": 2}, None],
            "d": [day] * 3,
            "u": [datetime.timedelta(1)] * 3,
            "m": [decimal.Decimal("1.23"), None, decimal.Decimal("3.45")],
            "n": [None] * 3,
            "c": pl.Series(["a", "b", None], dtype=pl.Categorical),
            "e": pl.Series(["a", "b", None], dtype=pl.Enum(["b", "a"])),
            "w": pl.Series([1, 2, 3], dtype=pl.UInt8),
        }
    )


class TestArrow(SerializerContract):
    serializer_class = ArrowSerializer

    def values(self) -> Sequence[Any]:
        texts = pa.array(TEXTS)
        table = arrow_table()
        return [
            pa.array([1, None, 3]),
            pa.array([], type=pa.int8()),
            texts,
            texts.slice(5, 10),
            texts.cast(pa.string_view()),
            texts.cast(pa.string_view()).slice(7, 3),
            pa.array([True, None] * 500).slice(3, 100),
            pa.array([{"a": [1]}, None]),
            texts.dictionary_encode(),
            pa.chunked_array([[1, 2], [3]]),
            pa.chunked_array([], type=pa.int8()),
            table,
            table.slice(100, 7),
            table.replace_schema_metadata({"k": "v"}),
            pa.table({}),
            table.to_batches()[0],
            pa.RecordBatch.from_pylist([], schema=table.schema),
        ]

    def is_equal(self, one: Any, other: Any) -> bool:
        if hasattr(one, "schema") and not one.schema.equals(other.schema, check_metadata=True):
            return False
        return bool(one.equals(other))


class TestPolars(SerializerContract):
    serializer_class = PolarsSerializer

    def values(self) -> Sequence[Any]:
        frame = polars_frame()
        large = pl.DataFrame({"n": range(20_000), "s": TEXTS})
        return [
            frame,
            frame.head(1),
            frame.clear(),
            large,
            large.slice(50, 3),
            large["s"],
            large["n"].slice(3, 4),
            pl.DataFrame(),
            pl.Series("empty", [], dtype=pl.Int16),
            pl.Series([1, 2]),
            pl.DataFrame({"wide": pl.Series([1, 2**100], dtype=pl.Int128)}),
        ]

    def refused(self) -> Sequence[Any]:
        class Frame(pl.DataFrame):
            pass

        return [pl.DataFrame({"o": pl.Series([object()], dtype=pl.Object)}), Frame({"a": [1]})]

    def is_equal(self, one: Any, other: Any) -> bool:
        if isinstance(one, pl.Series):
            return bool(one.name == other.name and one.dtype == other.dtype and one.equals(other, null_equal=True))
        return bool(one.schema == other.schema and one.equals(other))


class TestJSON(SerializerContract):
    serializer_class = JSONSerializer

    def values(self) -> Sequence[Any]:
        return [
            None,
            True,
            0,
            -(2**70),
            1.5,
            -0.0,
            "",
            "h\u00e9 \ud800 \u2028",
            [],
            {},
            [1, [2.0, {"a": None}]],
            {"": {"b": []}},
        ]

    def refused(self) -> Sequence[Any]:
        shared: list[int] = []
        endless: list[Any] = []
        endless.append(endless)
        return [
            (),
            (1,),
            b"x",
            {1: 2},
            math.nan,
            math.inf,
            {1, 2},
            [shared, shared],
            endless,
            object(),
            [np.float64(1)],
        ]


class TestParquet(SerializerContract):
    serializer_class = ParquetSerializer

    def values(self) -> Sequence[Any]:
        return [
            arrow_table(),
            pd.DataFrame({"a": [1, 2], "s": ["x", "y"], "t": pd.to_datetime(["2020-01-01", "2021-01-01"])}),
            pd.DataFrame({"a": [1.0, None]}, index=pd.Index([5, 7], name="i")),
            pl.DataFrame({"n": range(20_000), "s": TEXTS}),
        ]

    def refused(self) -> Sequence[Any]:
        labelled = pd.DataFrame({"a": [1]})
        labelled.attrs["k"] = object()
        return [
            pd.DataFrame({1: [2]}),
            pd.DataFrame({"a": [object()]}),
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(1, 2)])),
            labelled,
            pl.DataFrame({"o": pl.Series([object()], dtype=pl.Object)}),
            {"a": 1},
        ]

    def is_equal(self, one: Any, other: Any) -> bool:
        return bool(one.equals(other))


# --- in the store --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [arrow_table, polars_frame, lambda: pl.Series("s", TEXTS * 50), lambda: pa.array(TEXTS * 50)]
)
def test_a_value_keeps_its_entry(store: ArtifactStore, make: Any) -> None:
    value = make()
    entry = store.save("x", value)
    assert entry.serializer == ("polars" if "polars" in entry.type else "arrow")
    loaded = store.load(entry)
    assert loaded.equals(value)
    assert store.save("x", loaded, previous=entry) is entry


@pytest.mark.parametrize("library", ["arrow", "polars"])
def test_what_is_loaded_lies_in_the_mapped_object(store: ArtifactStore, library: str) -> None:
    numbers = np.random.default_rng(1).random(1_000_000)
    value = pa.table({"n": numbers}) if library == "arrow" else pl.DataFrame({"n": numbers})
    entry = store.save("x", value)
    assert entry.payload is not None
    assert entry.payload.codec == "raw"
    loaded = store.load(entry)
    column = (loaded["n"].chunks if library == "arrow" else loaded["n"].get_chunks())[-1]
    array = column.to_numpy(zero_copy_only=True) if library == "arrow" else column.to_numpy(allow_copy=False)
    address = array.__array_interface__["data"][0]
    with open("/proc/self/maps") as maps:
        for line in maps:
            start, _, rest = line.partition("-")
            if int(start, 16) <= address < int(rest.split()[0], 16):
                assert entry.payload.hash in line
                return
    raise AssertionError("the address is in no mapping")


def test_slices_are_compacted(store: ArtifactStore) -> None:
    table, texts = arrow_table(), pa.array(TEXTS)
    frame = pl.DataFrame({"s": TEXTS})
    pandas_frame = pd.DataFrame({"s": pd.array(TEXTS, dtype="string[pyarrow]"), "n": np.arange(20_000)})
    values = (
        table.slice(5, 3),
        texts.slice(5, 3),
        texts.cast(pa.string_view()).slice(5, 3),
        pa.table({"v": texts.cast(pa.string_view())}).slice(5, 3),
        frame.slice(5, 3),
        frame["s"].slice(5, 3),
        pandas_frame.iloc[5:8],
        {"table": table.slice(5, 3), "views": texts.cast(pa.string_view()).slice(5, 3), "frame": frame.slice(5, 3)},
        [pandas_frame["s"].iloc[5:8]],
    )
    for value in values:
        entry = store.save("x", value)
        assert entry.size < 5000, type(value)
        loaded = store.load(entry)
        if isinstance(value, dict):
            assert all(loaded[name].equals(part) for name, part in value.items())
        elif isinstance(value, list):
            assert loaded[0].equals(value[0])
        else:
            assert loaded.equals(value)


def test_pandas_of_arrow_strings_share_nothing_with_flowkit(store: ArtifactStore) -> None:
    """Its pickle names no module of FlowKit's, so that it outlives a change of them."""
    entry = store.save("x", pd.DataFrame({"s": TEXTS}).iloc[5:8])
    assert entry.inline is not None
    assert b"flowkit" not in entry.inline


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.none() | st.text(max_size=20), max_size=50),
    st.integers(0, 50),
    st.integers(0, 50),
    st.sampled_from([pa.string(), pa.large_string(), pa.string_view()]),
)
def test_any_slice_of_texts(store: ArtifactStore, texts: list[str | None], start: int, length: int, kind: Any) -> None:
    array = pa.array(texts, type=kind).slice(start, length)
    assert store.load(store.save("x", array)).equals(array)
    assert store.load(store.save("x", [array]))[0].equals(array)
    frame = pl.DataFrame({"s": pl.Series(texts, dtype=pl.String)}).slice(start, length)
    assert store.load(store.save("x", frame)).equals(frame)


def test_polars_without_pyarrow(tmp_path: Path) -> None:
    program = """
import sys
sys.modules["pyarrow"] = None
import polars as pl
from flowkit.artifacts.serializers import Claim, SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.builtin.serializers.polars_frames import PolarsSerializer
claim = Claim("polars", lambda: PolarsSerializer, ("polars.dataframe.frame.DataFrame", "polars.series.series.Series"))
store = ArtifactStore(LocalDatastore(sys.argv[1]), "F", SerializerTable([claim]))
frame = pl.DataFrame({"n": range(300_000), "s": ["x"] * 300_000})
for value in (frame, frame.head(3), frame["s"]):
    entry = store.save("x", value)
    assert entry.serializer == "polars"
    assert store.load(entry).equals(value)
"""
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "root")], check=True)


def test_a_full_disk_is_not_hidden_by_the_library(store: ArtifactStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """polars and pyarrow raise errors of their own when what they write to raises."""
    import errno
    import os

    from flowkit.errors import StorageFull

    def refuse(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    frame = pl.DataFrame({"n": np.random.default_rng(1).random(500_000)})
    table = pa.table({"n": np.random.default_rng(1).random(500_000)})
    monkeypatch.setattr(os, "write", refuse)
    for value in (frame, table):
        with pytest.raises(StorageFull):
            store.save("x", value)
    monkeypatch.undo()
    assert not [name for _, _, names in os.walk(store.datastore.root) for name in names]
