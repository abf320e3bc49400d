"""Content in a datastore, by its hash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from flowkit.artifacts import compression
from flowkit.artifacts.blob_writer import PieceWriter
from flowkit.artifacts.hashing import digest, new_hasher
from flowkit.artifacts.layout import blob_key, blobs_prefix
from flowkit.artifacts.mappings import Mappings
from flowkit.artifacts.memory import new_memory
from flowkit.artifacts.restoring import restored
from flowkit.errors import CorruptedBlobError, KeyNotFound
from flowkit.interfaces.datastore import Datastore
from flowkit.interfaces.staged import StagedObject
from flowkit.model.artifact import BlobRef, Codec

__all__ = ["Blobs", "KnownContent", "MemoryContent", "PendingContent", "StagedContent", "StreamedBlob"]

#: Compress if a sample shrinks to this part or less. Content that is mapped when it is loaded costs nothing to read:
#: compressing it pays only if it all but vanishes.
_RATIO, _RATIO_MAPPED = 0.8, 0.05
#: Content up to this size is compressed in memory; larger content piece by piece.
_SMALL = 1 << 20


@attrs.frozen(eq=False)
class KnownContent:
    """Content that is stored already, and mapped."""

    blobs: Blobs
    blob: BlobRef
    parts: Sequence[memoryview]
    worst_ratio: float

    @property
    def hash(self) -> str:
        """BLAKE3 of the content."""
        return self.blob.hash

    @property
    def size(self) -> int:
        """Bytes."""
        return self.blob.size

    def store(self) -> BlobRef:
        """The blob; its time is renewed, since it is about to be named again. Written anew if it was removed."""
        if self.blobs.renew(self.blob):
            return self.blob
        return self.blobs.put_hashed(self.hash, self.parts, self.worst_ratio)

    def discard(self) -> None:
        """Nothing to do."""
        return None


@attrs.frozen(eq=False)
class MemoryContent:
    """Content in memory, hashed and not stored yet."""

    blobs: Blobs
    parts: Sequence[memoryview]
    hash: str
    worst_ratio: float

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(part.nbytes for part in self.parts)

    def store(self) -> BlobRef:
        """Write it, unless it is there."""
        return self.blobs.put_hashed(self.hash, self.parts, self.worst_ratio)

    def discard(self) -> None:
        """Nothing to do."""
        return None


@attrs.frozen(eq=False)
class StagedContent:
    """Content that is written, but has no name yet."""

    blobs: Blobs
    staged: StagedObject
    hash: str
    size: int
    codec: Codec
    stored_size: int

    def store(self) -> BlobRef:
        """Give it its name, unless such a blob is there."""
        ref = BlobRef(self.hash, self.size, self.codec, self.stored_size)
        return self.blobs.name_staged(self.staged, ref)

    def discard(self) -> None:
        """Drop what was written."""
        self.staged.discard()


#: Content on its way into the store, whose hash is known: store it or discard it.
PendingContent = KnownContent | MemoryContent | StagedContent


class StreamedBlob:
    """A sink whose content becomes a blob; ``writer`` takes the pieces."""

    def __init__(self, blobs: Blobs, worst_ratio: float) -> None:
        self._blobs = blobs
        self._hasher = new_hasher()
        self._staged: StagedObject | None = None
        self._stored_size = 0
        self.writer = PieceWriter(self._open, self._hasher, worst_ratio)

    def finish(self) -> bytes | StagedContent:
        """What was written: bytes if it was little."""
        if self._staged is None:
            return self.writer.content()
        self.writer.finish()
        if self.writer.codec == "zstd":
            self._write(compression.trailer(self._stored_size))
        return StagedContent(
            self._blobs,
            self._staged,
            self._hasher.hexdigest(),
            self.writer.size,
            self.writer.codec,
            self._stored_size,
        )

    def discard(self) -> None:
        """Drop what was written so far."""
        if self._staged is not None:
            self._staged.discard()

    def _open(self) -> Any:
        self._staged = self._blobs.stage()
        return self._write

    def _write(self, data: Any) -> None:
        if self._staged is not None:
            self._staged.write(data)
            self._stored_size += len(data)


class Blobs:
    """The blobs of one flow.

    Parameters
    ----------
    datastore, flow
        Where they are kept, and under which flow's name.
    """

    def __init__(self, datastore: Datastore, flow: str) -> None:
        self._datastore = datastore
        self._flow = flow
        self._prefix = blobs_prefix(flow)
        #: Whether content can be mapped, and need not be read.
        self.is_mappable = datastore.is_mappable()
        self.mappings = Mappings()

    def worst_ratio(self, *, mapped: bool) -> float:
        """How far a sample must shrink for the content to be compressed; ``mapped``: loading needn't read it all."""
        return _RATIO_MAPPED if mapped and self.is_mappable else _RATIO

    # --- writing ---------------------------------------------------------------------------------------------------

    def put(self, parts: Sequence[memoryview], worst_ratio: float) -> BlobRef:
        """Store content, unless it is there."""
        return self.put_hashed(digest(parts), parts, worst_ratio)

    def put_hashed(self, content_hash: str, parts: Sequence[memoryview], worst_ratio: float) -> BlobRef:
        """Store content whose hash is known, unless it is there.

        Parameters
        ----------
        worst_ratio
            Compress if a sample shrinks to this part of its size or less; 0 for never.
        """
        size = sum(part.nbytes for part in parts)
        if worst_ratio and size:
            compressed = BlobRef(content_hash, size, "zstd")
            if size > _SMALL:
                if compression.ratio_of_sample(parts) <= worst_ratio:
                    return self._find_compressed(compressed) or self._put_compressed_stream(compressed, parts)
            else:
                data = compression.compress(b"".join(parts))
                if len(data) + compression.TRAILER_SIZE <= worst_ratio * size:
                    return self._find_compressed(compressed) or self._put_compressed(compressed, data)
        ref = BlobRef(content_hash, size, "raw", size)
        self._datastore.put(blob_key(self._flow, ref), parts)
        return ref

    def stage(self) -> StagedObject:
        """An object that will be a blob."""
        return self._datastore.stage(self._prefix)

    def name_staged(self, staged: StagedObject, ref: BlobRef) -> BlobRef:
        """Make a staged object the blob ``ref``, unless that is there."""
        if ref.codec == "zstd" and (present := self._find_compressed(ref)) is not None:
            staged.discard()
            return present
        staged.commit(blob_key(self._flow, ref))
        return ref

    def renew(self, ref: BlobRef) -> bool:
        """Set the blob's time to now; False if it isn't there."""
        return self._datastore.renew(blob_key(self._flow, ref))

    def _put_compressed(self, ref: BlobRef, data: bytes) -> BlobRef:
        ref = attrs.evolve(ref, stored_size=len(data) + compression.TRAILER_SIZE)
        self._datastore.put(blob_key(self._flow, ref), [data, compression.trailer(len(data))], overwrite=True)
        return ref

    def _put_compressed_stream(self, ref: BlobRef, parts: Sequence[memoryview]) -> BlobRef:
        staged, stored_size = self.stage(), 0
        try:
            for data in compression.compressed_pieces(parts):
                staged.write(data)
                stored_size += len(data)
            staged.write(compression.trailer(stored_size))
            ref = attrs.evolve(ref, stored_size=stored_size + compression.TRAILER_SIZE)
            staged.commit(blob_key(self._flow, ref))
        finally:
            staged.discard()
        return ref

    def _find_compressed(self, ref: BlobRef) -> BlobRef | None:
        """The blob as it is stored, if it is there and whole; renewed. Another release of zstd may have made it."""
        key = blob_key(self._flow, ref)
        info = self._datastore.info(key)
        if info is None or not self._is_whole(key, info.size) or not self._datastore.renew(key):
            return None
        return attrs.evolve(ref, stored_size=info.size)

    def _is_whole(self, key: str, stored_size: int) -> bool:
        start = max(0, stored_size - compression.TRAILER_SIZE)
        return compression.is_whole(self._datastore.get(key, start), stored_size)

    # --- reading ---------------------------------------------------------------------------------------------------

    def get(self, ref: BlobRef) -> memoryview:
        """The content, as writable memory that is the caller's own.

        Raises
        ------
        KeyNotFound
            If the blob isn't there.
        CorruptedBlobError
            If it isn't what was written: by its size on a store that maps, by its hash elsewhere.
        """
        try:
            return self._get(ref)
        except KeyNotFound:
            # A collector may have set it aside in the moment in which a task came to name it.
            if not restored(self._datastore, blob_key(self._flow, ref)):
                raise
            return self._get(ref)

    def _get(self, ref: BlobRef) -> memoryview:
        if ref.codec == "raw":
            view = self._datastore.get_buffer(blob_key(self._flow, ref), ref.size)
            if self.is_mappable:
                self.mappings.add(view, ref)
                return view
        else:
            view = new_memory(ref.size)
            compression.decompress_into(view, self._get_compressed(ref), self.describe(ref))
        if not self.is_mappable and digest([view]) != ref.hash:
            raise CorruptedBlobError(f"{self.describe(ref)} doesn't have the content that was written")
        return view

    def describe(self, ref: BlobRef) -> str:
        """The blob, for messages."""
        return f"{blob_key(self._flow, ref)} in {self._datastore.root}"

    def _get_compressed(self, ref: BlobRef) -> memoryview:
        key = blob_key(self._flow, ref)
        try:
            return self._datastore.get_buffer(key, ref.stored_size)
        except CorruptedBlobError:
            # Written again by another release of zstd, which is as good if it is whole.
            info = self._datastore.info(key)
            if info is None or not self._is_whole(key, info.size):
                raise
            return self._datastore.get_buffer(key, info.size)
