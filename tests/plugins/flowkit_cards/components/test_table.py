"""Tables and DataFrames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from flowkit.cards import Artifact, Table

from flowkit_cards.components.base import form_of
from flowkit_cards.components.dataframe import is_dataframe


class Capsule:
    """A DataFrame of a library that nothing is known of but that it speaks Arrow's protocol."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


COLUMNS = {"name": ["a", "b"], "count": [1, 2]}
LIBRARIES: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pd.DataFrame(COLUMNS),
    "polars": lambda: pl.DataFrame(COLUMNS),
    "lazy polars": lambda: pl.DataFrame(COLUMNS).lazy(),
    "arrow": lambda: pa.table(COLUMNS),
    "protocol": lambda: Capsule(pa.table(COLUMNS)),
    "dict": lambda: COLUMNS,
    "dicts": lambda: [{"name": "a", "count": 1}, {"name": "b", "count": 2}],
    "arrays": lambda: {"name": np.array(["a", "b"]), "count": np.array([1, 2])},
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_table_is_made_of_anything_with_rows(library: str) -> None:
    form = form_of(Table(LIBRARIES[library]()))
    assert form["columns"] == ["name", "count"]
    assert form["data"] == [["a", "1"], ["b", "2"]]
    assert form["numeric"] == [1]
    assert "note" not in form


@pytest.mark.parametrize("library", [name for name in LIBRARIES if is_dataframe(LIBRARIES[name]()) or "lazy" in name])
def test_from_dataframe(library: str) -> None:
    form = form_of(Table.from_dataframe(LIBRARIES[library]()))
    assert form["columns"] == ["name", "count"]
    assert form["data"] == [["a", "1"], ["b", "2"]]


def test_rows_may_hold_components_and_be_uneven() -> None:
    form = form_of(Table([["x", Artifact(1)], ["y"]], headers=["a", "b"]))
    assert form["data"][0][1]["type"] == "artifacts"
    assert form["data"][1] == ["y"]


def test_the_index_of_pandas_is_shown_if_it_says_something() -> None:
    frame = pd.DataFrame({"a": [1]}, index=pd.Index(["row"], name="key"))
    assert form_of(Table(frame))["columns"] == ["key", "a"]
    assert form_of(Table(pd.DataFrame({"a": [1]})))["columns"] == ["a"]
    levels = pd.DataFrame({("a", "b"): [1]})
    assert form_of(Table(levels))["columns"] == ["a / b"]


@pytest.mark.parametrize("library", ["pandas", "polars", "arrow"])
def test_what_is_cut_is_said(library: str) -> None:
    columns = {f"c{number}": np.arange(5000) for number in range(120)}
    make = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "arrow": pa.table}[library]
    form = form_of(Table.from_dataframe(make(columns)))
    assert len(form["data"]) == 50
    assert len(form["columns"]) == 50
    assert "5,000 rows" in form["note"]
    assert "120 columns" in form["note"]
    whole = form_of(Table.from_dataframe(make(columns), truncate=False))
    assert (len(whole["data"]), len(whole["columns"])) == (1000, 100)


def test_a_huge_table_is_cut_without_being_read() -> None:
    read = 0

    class Rows(Sequence[list[str]]):
        def __len__(self) -> int:
            return 1_000_000

        def __getitem__(self, index: int) -> list[str]:  # type: ignore[override]
            nonlocal read
            read += 1
            return ["x" * 100] * 10

    form = form_of(Table(Rows()))
    assert "1,000,000 rows" in form["note"]
    assert sum(len(cell) for row in form["data"] for cell in row) <= 2_100_000
    assert read <= 2 * len(form["data"])


def test_long_cells_are_cut() -> None:
    form = form_of(Table([["x" * 100_000]]))
    assert len(form["data"][0][0]) < 2100
    assert "1 long cell cut" in form["note"]


def test_missing_values_and_others() -> None:
    form = form_of(Table(pd.DataFrame({"a": [1.5, float("nan")], "b": [None, pd.Timestamp("2026-01-01")]})))
    assert form["data"][0][0] == "1.5"
    assert form["data"][1][0] == "nan"


@pytest.mark.parametrize("value", [3, "text", b"bytes", object()])
def test_what_is_no_table_is_a_cell(value: Any) -> None:
    assert len(form_of(Table(value))["data"]) == 1


def test_what_is_no_dataframe_says_so() -> None:
    assert "can't be shown" in form_of(Table.from_dataframe(3))["columns"][0]


def test_an_empty_table() -> None:
    assert form_of(Table())["data"] == []
    assert form_of(Table([], headers=["a"]))["columns"] == ["a"]
    assert form_of(Table(pd.DataFrame()))["data"] == []
