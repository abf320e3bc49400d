"""Tables as Parquet files, for flows that choose it: smaller than their memory, and other programs can read them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flowkit.interfaces.serializer import Serialized, Serializer, Sink

__all__ = ["ParquetSerializer"]


class ParquetSerializer(Serializer):
    """Stores frames of pandas and polars, and Arrow tables. pandas' and Arrow's take pyarrow."""

    name: ClassVar[str] = "parquet"

    def accepts(self, value: Any) -> bool:
        """Whether it is a table that Parquet holds without loss, as far as that can be told without trying."""
        library = _library_of(value)
        if library == "pandas":
            return _is_plain_pandas(value)
        if library == "polars":
            return not any(dtype.is_object() or dtype.is_nested() for dtype in value.dtypes)
        return library == "pyarrow"

    def serialize(self, value: Any) -> Serialized:
        """A Parquet file, in pieces."""
        library = _library_of(value)
        return Serialized(lambda sink: _write(value, library, sink), info={"library": library})

    def deserialize(self, payload: memoryview, buffers: Sequence[memoryview], info: Mapping[str, Any]) -> Any:
        """The table, of the library that it came from."""
        if info["library"] == "polars":
            import io

            import polars as pl

            return pl.read_parquet(io.BytesIO(payload))
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pq.read_table(pa.BufferReader(pa.py_buffer(payload)))
        return table.to_pandas() if info["library"] == "pandas" else table


def _library_of(value: Any) -> str:
    """Which of the three a table is of; no text if none. Asks only libraries that are imported already."""
    for library, kind in (("pandas", "DataFrame"), ("polars", "DataFrame"), ("pyarrow", "Table")):
        module = sys.modules.get(library)
        if module is not None and type(value) is getattr(module, kind, None):
            return library
    return ""


def _is_plain_pandas(value: Any) -> bool:
    names = list(value.columns)
    if value.attrs or not all(type(name) is str for name in names) or len(set(names)) != len(names):
        return False
    index = value.index
    return index.nlevels == 1 and not any(str(dtype) == "object" for dtype in (index.dtype, *value.dtypes))


def _write(value: Any, library: str, sink: Sink) -> None:
    if library == "polars":
        value.write_parquet(sink, compression="zstd")
        return
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(value) if library == "pandas" else value
    with pa.PythonFile(sink, mode="w") as file:
        pq.write_table(table, file, compression="zstd", use_compliant_nested_type=False)
