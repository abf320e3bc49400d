"""The items of a split: one object, from which each task reads its own item and nothing else.

::

    record of item 0 | record of item 1 | … | index

    record   payload | for each buffer its blob | codec, number of buffers, size of the payload
    index    for each item: where its record begins and ends, and the beginning of the record's BLAKE3

The index is at the end, so that items are written as they come; its place follows from the object's size and the
number of items, both of which an :class:`ItemsRef` has. A buffer of 1 MiB or more is a blob of its own, the same one
that the list itself has when it is stored as an artifact.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from types import ModuleType
from typing import Any

from flowkit.artifacts import compression
from flowkit.artifacts.blob_writer import PieceWriter
from flowkit.artifacts.blobs import Blobs, StreamedBlob
from flowkit.artifacts.hashing import digest, new_hasher
from flowkit.artifacts.layout import blob_key
from flowkit.artifacts.memory import new_memory
from flowkit.artifacts.pickling import pickle_to, unpickle
from flowkit.artifacts.restoring import get_or_restore
from flowkit.artifacts.serializers import SerializerTable
from flowkit.artifacts.values import OWN_BLOB
from flowkit.errors import ArtifactError, CorruptedBlobError, FlowkitError, UnpicklableArtifact
from flowkit.interfaces.datastore import Datastore
from flowkit.model.artifact import BlobRef, Codec, ItemsRef

__all__ = ["blobs_of_items", "load_item", "save_items"]

_INDEX = struct.Struct("<QQ16s")
_TAIL = struct.Struct("<BIQ")
_BLOB = struct.Struct("<32sQBQ")
_CODECS: tuple[Codec, ...] = ("raw", "zstd")
#: A smaller item isn't worth compressing.
_COMPRESS_FROM = 4 << 10
#: An object of up to this size is read as a whole to find what its items refer to; of a larger one, each item's end.
_READ_WHOLE = 32 << 20
#: Bytes up to which the object is read as a whole for one item.
_ONE_READ = 64 << 10


class _NoHash:
    """Stands in for a hasher: the whole record is hashed, not the payload."""

    def update(self, data: Any, /) -> None:
        """Do nothing."""
        return None


def save_items(name: str, items: Iterable[Any], blobs: Blobs, serializers: SerializerTable) -> ItemsRef:
    """Store each item by itself, in one pass; no more than one item is in memory besides what the caller holds.

    Raises
    ------
    UnpicklableArtifact
        That names the item.
    """
    stream = StreamedBlob(blobs, 0)
    index: list[bytes] = []
    try:
        for number, item in enumerate(items):
            start = stream.writer.size
            record_hash = _write_record(f"self.{name}[{number}]", item, stream.writer, blobs, serializers)
            index.append(_INDEX.pack(start, stream.writer.size, record_hash))
        stream.writer.write(b"".join(index))
        content = stream.finish()
    except BaseException:
        stream.discard()
        raise
    ref = blobs.put([memoryview(content)], 0) if isinstance(content, bytes) else content.store()
    return ItemsRef(ref, len(index))


def _write_record(where: str, item: Any, target: PieceWriter, blobs: Blobs, serializers: SerializerTable) -> bytes:
    """Append the record of one item; the beginning of its hash."""
    hasher = new_hasher()

    def emit(data: Any) -> None:
        hasher.update(data)
        target.write(data)

    payload = PieceWriter(lambda: emit, _NoHash(), blobs.worst_ratio(mapped=False))
    buffers: list[memoryview] = []
    reducers = serializers.reducers()
    try:
        pickle_to(item, payload, buffers, reducers, in_band=OWN_BLOB)
        codec = _finish_payload(payload, emit)
    except (FlowkitError, MemoryError):
        raise
    except Exception as error:
        from flowkit.artifacts.diagnosis import explain

        raise UnpicklableArtifact(explain(where, item, error, reducers)) from error
    for buffer in buffers:
        ref = blobs.put([buffer], blobs.worst_ratio(mapped=True))
        emit(_BLOB.pack(bytes.fromhex(ref.hash), ref.size, _CODECS.index(ref.codec), ref.stored_size))
    emit(_TAIL.pack(_CODECS.index(codec), len(buffers), payload.size))
    return hasher.digest(length=16)


def _finish_payload(payload: PieceWriter, emit: Any) -> Codec:
    if payload.spilled:
        payload.finish()
        return payload.codec
    content = payload.content()
    if len(content) >= _COMPRESS_FROM and compression.ratio_of_sample([memoryview(content)]) <= 0.8:
        emit(compression.compress(content))
        return "zstd"
    emit(content)
    return "raw"


def load_item(
    ref: ItemsRef,
    number: int,
    datastore: Datastore,
    flow: str,
    blobs: Blobs,
    main_module: ModuleType | None,
    content: bytes | None = None,
) -> Any:
    """One item, by reading its entry of the index and its record.

    Parameters
    ----------
    content
        Of the whole object, if the caller has it.

    Raises
    ------
    ArtifactError
        If there is no such item.
    KeyNotFound, CorruptedBlobError
        If the object isn't there, or isn't what was written.
    """
    if not 0 <= number < ref.count:
        raise ArtifactError(f"there is no item {number}: the split has {ref.count}")
    key = blob_key(flow, ref.blob)
    what = f"item {number} in {key}"
    place = ref.blob.size - (ref.count - number) * _INDEX.size
    # One read of a small object costs less than two of parts of it.
    if content is None and ref.blob.size <= _ONE_READ:
        content = get_or_restore(datastore, key)
    whole = None if content is None else memoryview(content)
    entry = get_or_restore(datastore, key, place, _INDEX.size) if whole is None else whole[place : place + _INDEX.size]
    if len(entry) != _INDEX.size:
        raise CorruptedBlobError(f"{what} can't be found: the object is cut short")
    start, end, record_hash = _INDEX.unpack(entry)
    if not start <= end <= ref.blob.size:
        raise CorruptedBlobError(f"{what} can't be found: the object's index is damaged")
    record = memoryview(datastore.get(key, start, end - start)) if whole is None else whole[start:end]
    if record.nbytes != end - start or bytes.fromhex(digest([record]))[:16] != record_hash:
        raise CorruptedBlobError(f"{what} doesn't have the content that was written")
    return _read_record(record, what, blobs, main_module)


def blobs_of_items(ref: ItemsRef, datastore: Datastore, flow: str) -> Iterator[BlobRef]:
    """The blobs that hold large buffers of the items, besides the blob of the items itself.

    Raises
    ------
    KeyNotFound, CorruptedBlobError
        If the object isn't there, or isn't what was written.
    """
    key, index_size = blob_key(flow, ref.blob), ref.count * _INDEX.size
    whole = get_or_restore(datastore, key) if ref.blob.size <= _READ_WHOLE else None

    def read(start: int, length: int) -> bytes:
        part = get_or_restore(datastore, key, start, length) if whole is None else whole[start : start + length]
        if len(part) != length:
            raise CorruptedBlobError(f"{key} is cut short")
        return part

    index_start = ref.blob.size - index_size
    if index_start < 0:
        raise CorruptedBlobError(f"{key} is cut short")
    for start, end, _ in _INDEX.iter_unpack(read(index_start, index_size)):
        if not start + _TAIL.size <= end <= index_start:
            raise CorruptedBlobError(f"{key}: its index is damaged")
        _, count, _ = _TAIL.unpack(read(end - _TAIL.size, _TAIL.size))
        if count:
            size = count * _BLOB.size
            if end - _TAIL.size - size < start:
                raise CorruptedBlobError(f"{key}: an item's end is damaged")
            for found in _BLOB.iter_unpack(read(end - _TAIL.size - size, size)):
                yield _blob_of(found)


def _blob_of(row: tuple[Any, ...]) -> BlobRef:
    blob_hash, size, codec, stored_size = row
    if codec >= len(_CODECS):
        raise CorruptedBlobError("an item's end is damaged")
    return BlobRef(blob_hash.hex(), size, _CODECS[codec], stored_size)


def _read_record(record: memoryview, what: str, blobs: Blobs, main_module: ModuleType | None) -> Any:
    codec, buffer_count, payload_size = _TAIL.unpack(record[-_TAIL.size :])
    end = record.nbytes - _TAIL.size - buffer_count * _BLOB.size
    payload = record[:end]
    if _CODECS[codec] == "zstd":
        payload = new_memory(payload_size)
        compression.decompress_into(payload, record[:end], what)
    buffers = []
    for position in range(end, record.nbytes - _TAIL.size, _BLOB.size):
        buffers.append(blobs.get(_blob_of(_BLOB.unpack(record[position : position + _BLOB.size]))))
    return unpickle(payload, buffers, main_module)
