"""Whether to compress, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from flowkit.artifacts.hashing import new_hasher
from flowkit.errors import CorruptedBlobError

if TYPE_CHECKING:
    import zstandard

__all__ = [
    "PIECE",
    "TRAILER_SIZE",
    "compress",
    "compressed_pieces",
    "decompress_into",
    "digest_of_content",
    "is_whole",
    "new_compressor",
    "ratio_of_sample",
    "slices",
    "trailer",
]

#: Bytes handed to a codec or a file at a time: larger ones are bound by allocation of the results.
PIECE = 2 << 20
_LEVEL = 1
_SAMPLES, _SAMPLE = 8, 32 << 10
#: A zstd frame that decoders pass over, at the end of each compressed object: its payload is the object's own size,
#: so that a cut object is known for what it is without being decompressed.
_TRAILER_HEAD = bytes.fromhex("502a4d18") + (8).to_bytes(4, "little")
TRAILER_SIZE = len(_TRAILER_HEAD) + 8


def ratio_of_sample(parts: Sequence[memoryview]) -> float:
    """Compressed size by size, of pieces spread over the content (of all of it when it is small)."""
    size = sum(part.nbytes for part in parts)
    if not size:
        return 1.0
    if size <= _SAMPLES * _SAMPLE:
        sample = b"".join(parts)
    else:
        stride = (size - _SAMPLE) // (_SAMPLES - 1)
        sample = b"".join(_range(parts, index * stride, _SAMPLE) for index in range(_SAMPLES))
    return len(compress(sample)) / len(sample)


def compress(content: bytes | memoryview) -> bytes:
    """One zstd frame with a check sum."""
    frame: bytes = _zstd().ZstdCompressor(level=_LEVEL, write_checksum=True).compress(content)
    return frame


def new_compressor() -> zstandard.ZstdCompressionObj:
    """A compressor that is fed piece by piece and makes one frame with a check sum."""
    compressor: zstandard.ZstdCompressionObj = _zstd().ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj()
    return compressor


def compressed_pieces(parts: Sequence[memoryview]) -> Iterator[bytes]:
    """The compressed form of the parts in a row, in pieces."""
    compressor = new_compressor()
    for part in parts:
        for piece in slices(part):
            if data := compressor.compress(piece):
                yield data
    yield compressor.flush()


def slices(view: memoryview) -> Iterator[memoryview]:
    """The view in pieces of bounded size."""
    for start in range(0, view.nbytes, PIECE):
        yield view[start : start + PIECE]


def decompress_into(target: memoryview, stored: memoryview | bytes, what: str) -> None:
    """Fill ``target`` from a compressed object.

    Raises
    ------
    CorruptedBlobError
        That names ``what``, if the object isn't whole, holds another size, or fails its check sum.
    """
    zstandard = _zstd()
    try:
        with zstandard.ZstdDecompressor().stream_reader(stored) as reader:
            filled = 0
            while filled < target.nbytes:
                count = reader.readinto(target[filled : filled + 2 * PIECE])
                if not count:
                    raise CorruptedBlobError(f"{what} ends after {filled} of {target.nbytes} bytes")
                filled += count
            # Reading on to the end of the frame is what compares the check sum.
            if reader.read(1):
                raise CorruptedBlobError(f"{what} holds more than {target.nbytes} bytes")
    except zstandard.ZstdError as error:
        raise CorruptedBlobError(f"{what} can't be decompressed: {error}") from error


def digest_of_content(stored: memoryview | bytes, what: str) -> str:
    """BLAKE3 of what was compressed, as 64 hexadecimal digits; no more than a piece of it is in memory.

    Raises
    ------
    CorruptedBlobError
        That names ``what``, if it can't be decompressed or isn't whole.
    """
    zstandard = _zstd()
    hasher = new_hasher()
    if not is_whole(bytes(stored[-TRAILER_SIZE:]), len(stored)):
        raise CorruptedBlobError(f"{what} is cut short")
    try:
        with zstandard.ZstdDecompressor().stream_reader(stored) as reader:
            while piece := reader.read(PIECE):
                hasher.update(piece)
    except zstandard.ZstdError as error:
        raise CorruptedBlobError(f"{what} can't be decompressed: {error}") from error
    return hasher.hexdigest()


def trailer(size: int) -> bytes:
    """What is appended to a compressed content of ``size`` bytes."""
    return _TRAILER_HEAD + (size + TRAILER_SIZE).to_bytes(8, "little")


def is_whole(end: bytes, stored_size: int) -> bool:
    """Whether the last bytes of a stored object of that size say that it is all there."""
    return end == trailer(stored_size - TRAILER_SIZE) if stored_size > TRAILER_SIZE else False


def _range(parts: Sequence[memoryview], start: int, length: int) -> bytes:
    pieces = []
    for part in parts:
        if start < part.nbytes:
            piece = part[max(0, start) : start + length]
            pieces.append(piece)
            length -= piece.nbytes
        if length <= 0:
            break
        start = max(0, start - part.nbytes)
    return b"".join(pieces)


def _zstd() -> ModuleType:
    import zstandard  # 10 ms, that a task with small artifacts needn't spend

    return zstandard
