"""Arrow tables, record batches and arrays, as Arrow IPC streams.

Only the rows that a slice shows are stored, and what is loaded lies in the mapped object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from flowkit.interfaces.serializer import Serialized, Serializer, Sink

__all__ = ["ArrowSerializer"]

_COLUMN = "values"
#: Bytes that an array may refer to beyond those that it shows before it counts as a slice.
_SLACK = 4 << 10


class ArrowSerializer(Serializer):
    """Stores the rows, the schema and its metadata."""

    name: ClassVar[str] = "arrow"

    def accepts(self, value: Any) -> bool:
        """Whether the IPC format knows the types."""
        import pyarrow as pa

        try:
            _schema_of(value).serialize()
        except (pa.ArrowException, NotImplementedError):
            return False
        return True

    def serialize(self, value: Any) -> Serialized:
        """An IPC stream, written piece by piece from the value's own buffers."""
        import pyarrow as pa

        kind = next(
            name for name in ("Table", "RecordBatch", "ChunkedArray", "Array") if isinstance(value, getattr(pa, name))
        )
        return Serialized(lambda sink: _write(value, kind, sink), info={"kind": kind}, maps_payload=True)

    def deserialize(self, payload: memoryview, buffers: Sequence[memoryview], info: Mapping[str, Any]) -> Any:
        """The value, over the payload's memory."""
        import pyarrow as pa

        table = pa.ipc.open_stream(pa.py_buffer(payload)).read_all()
        if info["kind"] == "Table":
            return table
        if info["kind"] == "RecordBatch":
            batches = table.to_batches()
            return batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)
        column = table.column(0)
        if info["kind"] == "ChunkedArray":
            return column
        return column.chunk(0) if column.num_chunks else pa.array([], type=column.type)

    def reducers(self) -> Mapping[type, Callable[[Any], Any]]:
        """Slices inside other values (pandas' strings are such arrays) are compacted before they are pickled."""
        import pyarrow as pa

        kinds, found = [pa.Array], set[type]()
        while kinds:
            kind = kinds.pop()
            found.add(kind)
            kinds.extend(set(kind.__subclasses__()) - found)
        return dict.fromkeys(found, _reduce_array)


def _schema_of(value: Any) -> Any:
    import pyarrow as pa

    return value.schema if isinstance(value, pa.Table | pa.RecordBatch) else pa.schema([(_COLUMN, value.type)])


def _write(value: Any, kind: str, sink: Sink) -> None:
    import pyarrow as pa

    if kind == "Array":
        value = pa.chunked_array([value])
    if kind in ("Array", "ChunkedArray"):
        value = pa.table([value], names=[_COLUMN])
    elif kind == "RecordBatch":
        value = pa.Table.from_batches([value])
    value = _with_compact_views(value)
    with pa.PythonFile(sink, mode="w") as file, pa.ipc.new_stream(file, value.schema) as writer:
        writer.write_table(value)


def _with_compact_views(table: Any) -> Any:
    """The writer cuts slices of every type but views, whose strings it would all take along."""
    import pyarrow as pa

    for position, field in enumerate(table.schema):
        if field.type in (pa.string_view(), pa.binary_view()):
            chunks = [_compact_view(chunk) for chunk in table.column(position).chunks]
            table = table.set_column(position, field, pa.chunked_array(chunks, type=field.type))
    return table


def _compact_view(array: Any) -> Any:
    import pyarrow as pa

    views = array.buffers()[1]
    if views is None or views.size <= len(array) * 16:
        return array  # no slice: it shows all that it has
    plain = pa.large_string() if array.type == pa.string_view() else pa.large_binary()
    return array.cast(plain).cast(array.type)


def _reduce_array(array: Any) -> Any:
    import pyarrow as pa

    if array.type in (pa.string_view(), pa.binary_view()):
        return _compact_view(array).__reduce__()
    shown = array.nbytes
    if isinstance(array, pa.DictionaryArray) or array.get_total_buffer_size() <= shown + shown // 8 + _SLACK:
        return array.__reduce__()
    batch = pa.RecordBatch.from_arrays([array], names=[_COLUMN])
    return pa.ipc.read_record_batch(batch.serialize(), batch.schema).column(0).__reduce__()
