"""Files as artifacts of text or bytes, without their content ever being in memory as a whole.

What is stored is the pickle of the value, written by hand: a pickler would need the value.
"""

from __future__ import annotations

import codecs
import pickle
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO

from flowkit.artifacts import values
from flowkit.artifacts.blobs import Blobs
from flowkit.errors import ArtifactError
from flowkit.interfaces.serializer import Sink

__all__ = ["SMALL", "pend_file", "read_small"]

#: Bytes that are read at once. A file up to this size is stored as any value is.
SMALL = 1 << 20
#: Bytes of content above which it isn't compressed where it could be mapped, so that loading needs no second copy.
_COMPRESSED = 64 << 20
#: How the content of a ``str`` is in a pickle.
_ERRORS = "surrogatepass"


def read_small(path: Path, encoding: str | None) -> str | bytes | None:
    """The content of a small file; None for a larger one.

    Raises
    ------
    ArtifactError
        If it can't be read or decoded.
    """
    with _opened(path) as file:
        content = file.read(SMALL + 1)
    if len(content) > SMALL:
        return None
    return content if encoding is None else "".join(_texts(iter([content]), path, encoding))


def pend_file(path: Path, encoding: str | None, blobs: Blobs) -> values.PendingValue:
    """Bring a file's content into its stored form, in pieces.

    Parameters
    ----------
    encoding
        Of the text; None stores the bytes.

    Raises
    ------
    ArtifactError
        If the file can't be read or decoded, or changes meanwhile.
    """
    kind, opcode = ("builtins.bytes", pickle.BINBYTES8) if encoding is None else ("builtins.str", pickle.BINUNICODE8)
    # The size stands before the content: a text must be read twice.
    size = sum(map(len, _pieces(path, encoding)))

    def write(sink: Sink) -> None:
        sink.write(pickle.PROTO + bytes([5]) + opcode + size.to_bytes(8, "little"))
        written = 0
        for piece in _pieces(path, encoding):
            sink.write(piece)
            written += len(piece)
        if written != size:
            raise ArtifactError(f"{path} was changed while it was read")
        sink.write(pickle.MEMOIZE + pickle.STOP)

    return values.pend_written(kind, write, blobs, compress=size <= _COMPRESSED or not blobs.is_mappable)


def _pieces(path: Path, encoding: str | None) -> Iterator[bytes]:
    with _opened(path) as file:
        content = iter(lambda: file.read(SMALL), b"")
        if encoding is None:
            yield from content
        else:
            for text in _texts(content, path, encoding):
                yield text.encode("utf-8", _ERRORS)


def _texts(pieces: Iterator[bytes], path: Path, encoding: str) -> Iterator[str]:
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise ArtifactError(f"there is no encoding {encoding!r}") from None
    read, begin = 0, 0
    try:
        for piece in chain(pieces, [b""]):
            # The decoder still holds the beginning of a character that was cut by the end of a piece.
            begin = read - len(decoder.getstate()[0])
            read += len(piece)
            yield decoder.decode(piece, final=not piece)
    except UnicodeDecodeError as error:
        raise ArtifactError(
            f"{path} is no {encoding} text (at byte {begin + error.start}: {error.reason}): give its encoding, or "
            "is_text=False for bytes"
        ) from None


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb", buffering=0)
    except OSError as error:
        raise ArtifactError(f"{path} can't be read: {error.strerror}") from None
