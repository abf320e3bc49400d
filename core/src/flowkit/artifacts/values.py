"""Values as entries of a manifest, and back."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import attrs

from flowkit.artifacts.blobs import Blobs, KnownContent, MemoryContent, PendingContent, StagedContent, StreamedBlob
from flowkit.artifacts.hashing import digest
from flowkit.artifacts.pickling import PROTOCOL, pickle_to, unpickle
from flowkit.artifacts.serializers import PICKLE, SerializerTable, dotted_type
from flowkit.errors import ArtifactError, FlowkitError, UnpicklableArtifact
from flowkit.interfaces.datastore import Buffer, as_bytes_view
from flowkit.interfaces.serializer import ContentWriter, Serialized, Serializer
from flowkit.model.artifact import ArtifactEntry, BlobRef, BufferRef

__all__ = [
    "INLINE",
    "OWN_BLOB",
    "PendingValue",
    "content_hashes",
    "is_same",
    "load_value",
    "pend_value",
    "pend_written",
    "plain_entry",
]

#: A payload up to this size is kept in the manifest.
INLINE = 2 << 10
#: A buffer of this size or more is a blob of its own; smaller ones share a blob, each at a multiple of the alignment.
OWN_BLOB = 1 << 20
_ALIGNMENT = 64
_SIZED = frozenset({str, bytes})
_PLAIN = frozenset({bool, int, float, complex, type(None), *_SIZED})


@attrs.frozen(eq=False)
class PendingValue:
    """A value in its stored form, hashed; nothing has its name in the store yet."""

    type: str
    serializer: str
    #: Small payloads are bytes.
    payload: bytes | PendingContent
    contents: tuple[PendingContent, ...]
    #: For each buffer: which content, offset, length.
    places: tuple[tuple[int, int, int], ...]
    info: dict[str, Any]
    hash: str

    @property
    def content_hashes(self) -> list[str]:
        """Hashes of the buffers' contents, as :func:`content_hashes` gives them for an entry."""
        return [content.hash for content in self.contents]

    def store(self) -> ArtifactEntry:
        """Write what isn't there yet. Raises StorageFull, StorageReadOnly, DatastoreError."""
        try:
            blobs = [content.store() for content in self.contents]
            payload = None if isinstance(self.payload, bytes) else self.payload.store()
        finally:
            self.discard()
        size = (len(self.payload) if isinstance(self.payload, bytes) else self.payload.size) + sum(
            length for _, _, length in self.places
        )
        return ArtifactEntry(
            self.type,
            self.serializer,
            size,
            self.hash,
            self.payload if isinstance(self.payload, bytes) else None,
            payload,
            tuple(BufferRef(blobs[index], offset, length) for index, offset, length in self.places),
            self.info,
        )

    def discard(self) -> None:
        """Drop what was staged and not stored."""
        if not isinstance(self.payload, bytes):
            self.payload.discard()


def plain_entry(value: Any, serializers: SerializerTable) -> ArtifactEntry | None:
    """The entry of a small value of a plain type, by the shortest way; None for what takes another.

    It is the entry that :func:`pend_value` makes too.
    """
    kind = type(value)
    if kind not in _PLAIN or (kind in _SIZED and len(value) > INLINE // 4) or serializers.pick(value) is not None:
        return None
    payload = pickle.dumps(value, PROTOCOL)
    if len(payload) > INLINE:
        return None
    return ArtifactEntry(f"builtins.{kind.__name__}", PICKLE, len(payload), digest([memoryview(payload)]), payload)


def is_same(entry: ArtifactEntry, other: ArtifactEntry) -> bool:
    """Whether two entries are of equal values, stored in the same way."""
    return entry.hash == other.hash and entry.type == other.type and entry.serializer == other.serializer


def pend_value(
    where: str, value: Any, blobs: Blobs, serializers: SerializerTable, chosen: str | None = None
) -> PendingValue:
    """Bring a value into its stored form.

    Parameters
    ----------
    where
        How a user writes the value, for messages: ``self.model``.
    chosen
        Name of the serializer that must store it; None for the one that claims the type.

    Raises
    ------
    UnpicklableArtifact
        That says which part of the value can't be pickled, or that the chosen serializer can't store it.
    ArtifactError
        If another serializer than pickle failed.
    """
    serializer = serializers.pick(value) if chosen is None else _chosen(where, value, serializers, chosen)
    if serializer is not None:
        return _pend_serialized(where, value, blobs, serializer)
    stream, buffers = StreamedBlob(blobs, blobs.worst_ratio(mapped=False)), list[memoryview]()
    reducers = serializers.reducers()
    try:
        pickle_to(value, stream.writer, buffers, reducers)
        payload = stream.finish()
    except (FlowkitError, MemoryError):
        stream.discard()
        raise
    except Exception as error:
        stream.discard()
        from flowkit.artifacts.diagnosis import explain

        raise UnpicklableArtifact(explain(where, value, error, reducers)) from error
    except BaseException:
        stream.discard()
        raise
    return _pend(dotted_type(type(value)), PICKLE, payload, buffers, blobs, {}, blobs.worst_ratio(mapped=False))


def _chosen(where: str, value: Any, serializers: SerializerTable, name: str) -> Serializer | None:
    serializer = None if name == PICKLE else serializers.named(name)
    try:
        accepted = serializer is None or serializer.accepts(value)
    except Exception:  # it may look for what only values of its types have
        accepted = False
    if not accepted:
        raise UnpicklableArtifact(
            f"{where}, of type {dotted_type(type(value))}, can't be stored by the serializer {name!r}, which was "
            "chosen for it, so that it loads equal: change the value, or the choice"
        )
    return serializer


def _pend_serialized(where: str, value: Any, blobs: Blobs, serializer: Serializer) -> PendingValue:
    try:
        serialized: Serialized = serializer.serialize(value)
        worst_ratio = blobs.worst_ratio(mapped=serialized.maps_payload)
        payload: bytes | PendingContent
        if callable(serialized.payload):
            payload = _run(serialized.payload, StreamedBlob(blobs, worst_ratio))
        else:
            payload = _bytes_or_content(serialized.payload, blobs, worst_ratio)
    except (FlowkitError, MemoryError):
        raise
    except Exception as error:
        kind = dotted_type(type(value))
        raise ArtifactError(
            f"{where}, of type {kind}, can't be stored by the serializer {serializer.name!r} "
            f"({type(error).__name__}: {error})"
        ) from error
    buffers = [as_bytes_view(buffer) for buffer in serialized.buffers]
    kind = dotted_type(type(value))
    return _pend(kind, serializer.name, payload, buffers, blobs, dict(serialized.info), worst_ratio)


def pend_written(kind: str, write: ContentWriter, blobs: Blobs, *, compress: bool) -> PendingValue:
    """A value of type ``kind`` whose pickle ``write`` writes. Its content is compressed if it may, and that saves much.

    What is compressed is in memory twice while it is loaded, and what isn't is mapped, where the store can do that.
    """
    worst_ratio = blobs.worst_ratio(mapped=True) if compress else 0.0
    return _pend(kind, PICKLE, _run(write, StreamedBlob(blobs, worst_ratio)), (), blobs, {}, worst_ratio)


def _run(write: ContentWriter, stream: StreamedBlob) -> bytes | StagedContent:
    try:
        write(stream.writer)
        return stream.finish()
    except BaseException:
        stream.discard()
        if stream.writer.error is not None:
            raise stream.writer.error from None
        raise


def _bytes_or_content(payload: Buffer, blobs: Blobs, worst_ratio: float) -> bytes | PendingContent:
    view = as_bytes_view(payload)
    return bytes(view) if view.nbytes <= INLINE else MemoryContent(blobs, [view], digest([view]), worst_ratio)


def _pend(
    kind: str,
    serializer: str,
    payload: bytes | PendingContent,
    buffers: Sequence[memoryview],
    blobs: Blobs,
    info: dict[str, Any],
    worst_ratio: float,
) -> PendingValue:
    if isinstance(payload, bytes):
        payload_hash = digest([memoryview(payload)])
        if len(payload) > INLINE:
            payload = MemoryContent(blobs, [memoryview(payload)], payload_hash, worst_ratio)
    else:
        payload_hash = payload.hash
    if not buffers:
        return PendingValue(kind, serializer, payload, (), (), info, payload_hash)
    contents, places = _arrange(buffers, blobs)
    whole = "".join([payload_hash, *(content.hash for content in contents)])
    return PendingValue(kind, serializer, payload, contents, places, info, digest([memoryview(whole.encode("ascii"))]))


def _arrange(
    buffers: Sequence[memoryview], blobs: Blobs
) -> tuple[tuple[PendingContent, ...], tuple[tuple[int, int, int], ...]]:
    """Which buffers are blobs of their own, and where the others are in the one that they share.

    It depends on nothing but the sizes, so that equal values have equal hashes.
    """
    contents: list[PendingContent] = []
    places: list[tuple[int, int, int]] = []
    shared, offset = list[memoryview](), 0
    shared_index = len([buffer for buffer in buffers if buffer.nbytes >= OWN_BLOB])
    for buffer in buffers:
        if buffer.nbytes >= OWN_BLOB:
            places.append((len(contents), 0, buffer.nbytes))
            contents.append(_known_or_pending([buffer], [0], blobs))
        else:
            places.append((shared_index, offset, buffer.nbytes))
            shared.append(buffer)
            offset += -(-buffer.nbytes // _ALIGNMENT) * _ALIGNMENT
    if shared:
        offsets = [start for index, start, _ in places if index == shared_index]
        contents.append(_known_or_pending(shared, offsets, blobs))
    return tuple(contents), tuple(places)


def _known_or_pending(views: list[memoryview], offsets: list[int], blobs: Blobs) -> PendingContent:
    parts: list[memoryview] = []
    for index, view in enumerate(views):
        parts.append(view)
        if padding := (-view.nbytes % _ALIGNMENT if index < len(views) - 1 else 0):
            parts.append(memoryview(bytes(padding)))
    size = sum(part.nbytes for part in parts)
    worst_ratio = blobs.worst_ratio(mapped=True)
    blob = blobs.mappings.unchanged(views, offsets, size)
    if blob is not None:
        return KnownContent(blobs, blob, parts, worst_ratio)
    return MemoryContent(blobs, parts, digest(parts), worst_ratio)


def content_hashes(entry: ArtifactEntry) -> list[str]:
    """Hashes of the blobs that the entry's buffers are in: those with one of their own, then the one that is shared."""
    own = [ref.blob.hash for ref in entry.buffers if ref.length >= OWN_BLOB]
    return own + [ref.blob.hash for ref in entry.buffers if ref.length < OWN_BLOB][:1]


def load_value(entry: ArtifactEntry, blobs: Blobs, serializers: SerializerTable, main_module: ModuleType | None) -> Any:
    """The value of an entry. Raises KeyNotFound, CorruptedBlobError, and what the value's own code raises."""
    if entry.inline is not None:
        payload = memoryview(entry.inline)
    elif entry.payload is not None:
        payload = blobs.get(entry.payload)
    else:
        payload = memoryview(b"")
    loaded: dict[BlobRef, memoryview] = {}
    buffers: list[memoryview] = []
    for ref in entry.buffers:
        # Two equal buffers are one blob, but must not be one memory: what begins a blob gets it anew.
        if ref.blob not in loaded or ref.offset == 0:
            loaded[ref.blob] = blobs.get(ref.blob)
        buffers.append(loaded[ref.blob][ref.offset : ref.offset + ref.length])
    if entry.serializer == PICKLE:
        return unpickle(payload, buffers, main_module)
    return serializers.named(entry.serializer).deserialize(payload, buffers, entry.info)
