"""The first rows of DataFrames, whichever library they are of, without copying the rest."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

__all__ = ["Frame", "frame_of", "is_dataframe"]


@attrs.frozen
class Frame:
    """Rows to show, and how many there are in all."""

    columns: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    total_rows: int
    total_columns: int


def is_dataframe(value: Any) -> bool:
    """Whether :func:`frame_of` can take the value."""
    return not isinstance(value, type) and (
        _is_pandas(value)
        or _is_polars(value)
        or hasattr(value, "__arrow_c_stream__")
        or hasattr(value, "__dataframe__")
    )


def frame_of(value: Any, max_rows: int, max_columns: int) -> Frame:
    """Rows and columns from the beginning.

    Raises
    ------
    TypeError
        If nothing is known that reads it.
    """
    if _is_pandas(value):
        return _pandas(value, max_rows, max_columns)
    if _is_polars(value):
        return _polars(value, max_rows, max_columns)
    if hasattr(value, "__arrow_c_stream__"):
        return _arrow(value, max_rows, max_columns)
    for method in ("to_pandas", "to_polars"):
        if callable(convert := getattr(value, method, None)):
            return frame_of(convert(), max_rows, max_columns)
    raise TypeError(f"{type(value).__name__} is no DataFrame that can be read")


def _is_pandas(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "pandas" and hasattr(value, "iloc")


def _is_polars(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == "polars" and hasattr(value, "head")


def _pandas(value: Any, max_rows: int, max_columns: int) -> Frame:
    # Reading through Arrow would load pyarrow, which a flow that uses pandas alone needn't have.
    frame = value.to_frame() if value.ndim == 1 else value
    total_rows, total_columns = frame.shape
    part = frame.iloc[:max_rows, :max_columns]
    names = [_joined(name) for name in part.columns]
    rows = [list(row) for row in part.itertuples(index=False, name=None)]
    if type(part.index).__name__ == "RangeIndex" and part.index.name is None:
        return Frame(names, rows, total_rows, total_columns)
    labels = [_joined(label) for label in part.index]
    index_name = " / ".join("" if name is None else str(name) for name in part.index.names).strip(" /")
    indexed = [[label, *row] for label, row in zip(labels, rows, strict=True)]
    return Frame([index_name, *names], indexed, total_rows, total_columns + 1)


def _joined(label: Any) -> Any:
    return " / ".join(map(str, label)) if isinstance(label, tuple) else label


def _polars(value: Any, max_rows: int, max_columns: int) -> Frame:
    if hasattr(value, "collect"):
        value = value.head(max_rows + 1).collect()
    frame = value.to_frame() if not hasattr(value, "columns") else value
    part = frame[:max_rows, :max_columns]
    return Frame(list(part.columns), part.rows(), frame.height, frame.width)


def _arrow(value: Any, max_rows: int, max_columns: int) -> Frame:
    # Whatever is loaded already; else what is installed.
    if "pyarrow" not in sys.modules and "polars" in sys.modules:
        return _polars(sys.modules["polars"].from_arrow(value), max_rows, max_columns)
    try:
        import pyarrow
    except ImportError:
        import polars

        return _polars(polars.from_arrow(value), max_rows, max_columns)
    reader = pyarrow.RecordBatchReader.from_stream(value)
    names = reader.schema.names
    return Frame(
        names[:max_columns], *_batches(reader, max_rows, max_columns, getattr(value, "num_rows", None)), len(names)
    )


def _batches(
    reader: Iterable[Any], max_rows: int, max_columns: int, known_rows: int | None
) -> tuple[list[list[Any]], int]:
    rows: list[list[Any]] = []
    total = 0
    for batch in reader:
        total += batch.num_rows
        if len(rows) < max_rows:
            part = batch.slice(0, max_rows - len(rows))
            columns = [part.column(at).to_pylist() for at in range(min(part.num_columns, max_columns))]
            rows += [list(row) for row in zip(*columns, strict=True)]
        elif known_rows is not None:
            return rows, known_rows
    return rows, total
