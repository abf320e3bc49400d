"""Frames and series of polars, as Arrow IPC streams that polars itself writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from flowkit.interfaces.serializer import Serialized, Serializer, Sink

__all__ = ["PolarsSerializer"]


class PolarsSerializer(Serializer):
    """Stores the rows that a frame shows. With pyarrow installed, what is loaded lies in the mapped object."""

    name: ClassVar[str] = "polars"

    def accepts(self, value: Any) -> bool:
        """Whether it is polars' own class, and no column holds Python objects."""
        import polars as pl

        if type(value) not in (pl.DataFrame, pl.Series):
            return False  # what a subclass adds would be lost
        frame = value.to_frame() if isinstance(value, pl.Series) else value
        return not any(_has_objects(dtype) for dtype in frame.dtypes)

    def serialize(self, value: Any) -> Serialized:
        """An IPC stream, in pieces."""
        import polars as pl

        is_series = isinstance(value, pl.Series)
        frame = value.to_frame() if is_series else value
        info = {"kind": "Series" if is_series else "DataFrame", "height": frame.height}
        return Serialized(lambda sink: _write(frame, sink), info=info, maps_payload=True)

    def deserialize(self, payload: memoryview, buffers: Sequence[memoryview], info: Mapping[str, Any]) -> Any:
        """The value, over the payload's memory where that is possible."""
        frame = _read(payload)
        if not frame.width and info["height"]:
            frame = _rows_without_columns(info["height"])
        return frame.to_series() if info["kind"] == "Series" else frame


def _has_objects(dtype: Any) -> bool:
    import polars as pl

    if dtype == pl.Object:
        return True
    inner = [field.dtype for field in getattr(dtype, "fields", ())]
    inner.extend(one for one in [getattr(dtype, "inner", None)] if one is not None)
    return any(_has_objects(one) for one in inner)


def _write(frame: Any, sink: Sink) -> None:
    import polars as pl

    frame.write_ipc_stream(sink, compression="uncompressed", compat_level=pl.CompatLevel.newest())


def _read(payload: memoryview) -> Any:
    """polars' own reader copies; pyarrow's doesn't, but knows fewer types and may not be there."""
    import polars as pl

    try:
        import pyarrow as pa

        table = pa.ipc.open_stream(pa.py_buffer(payload)).read_all()
        frame: Any = pl.from_arrow(table, rechunk=False)  # joining the chunks would copy them
        frame.columns = table.schema.names  # a column without a name was given one
        return frame
    except (ImportError, NotImplementedError):
        import io

        return pl.read_ipc_stream(io.BytesIO(payload))


def _rows_without_columns(height: int) -> Any:
    import polars as pl

    return pl.DataFrame({"row": [None] * height}).select([])
