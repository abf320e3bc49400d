"""Content of files, read where it lies and in parts at once."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import attrs

from flowkit.artifacts.remote.content import Content
from flowkit.datatools.error_family import ErrorFamily

__all__ = ["FileContent", "ObjectContent", "content_of", "content_of_file"]


class ObjectContent(Protocol):
    """A file for SDKs to read, of a known size, that can be split."""

    size: int

    def read(self, size: int = -1, /) -> bytes:
        """The next ``size`` bytes, or all that is left."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Go to another place."""

    def tell(self) -> int:
        """Bytes from the beginning."""

    def split(self, size: int) -> Iterator[ObjectContent]:
        """The same content as files of ``size`` bytes each; the last may have fewer."""


class FileContent(io.RawIOBase):
    """A part of a file. Parts of one file are read at once, each from its own position.

    Parameters
    ----------
    read_at
        Gives so many bytes from a position in the whole file; fewer only at its end.
    """

    def __init__(self, read_at: Callable[[int, int], bytes], start: int, end: int) -> None:
        super().__init__()
        self._read_at = read_at
        self._start = start
        self._position = 0
        self.size = end - start

    def __len__(self) -> int:
        return self.size

    def __bool__(self) -> bool:
        return True

    def split(self, size: int) -> Iterator[FileContent]:
        """The same content as files of ``size`` bytes each; the last may have fewer."""
        for start in range(0, self.size, size):
            end = min(start + size, self.size)
            yield FileContent(self._read_at, self._start + start, self._start + end)

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes: a request may be sent again."""
        return True

    def tell(self) -> int:
        """Bytes from the beginning."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place, within the content."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = min(max(0, base + offset), self.size)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """The next ``size`` bytes, fewer only at the end.

        Raises
        ------
        OSError
            If the file has become shorter.
        """
        left = self.size - self._position
        wanted = left if size is None or size < 0 else min(size, left)
        if not wanted:
            return b""
        content = self._read_at(self._start + self._position, wanted)
        if len(content) < wanted:
            raise OSError("the file has become shorter while it was read")
        self._position += wanted
        return content

    def readall(self) -> bytes:
        """The rest."""
        return self.read()


@attrs.define
class _Locked:
    """Reads a file object that has one position for all."""

    file: Any
    lock: Any = attrs.field(factory=threading.Lock)

    def __call__(self, position: int, size: int) -> bytes:
        with self.lock:
            self.file.seek(position)
            pieces = []
            while size:
                piece = self.file.read(size)
                if not piece:
                    break
                pieces.append(bytes(piece))
                size -= len(piece)
        return b"".join(pieces)


def content_of(value: Any, key: str, errors: ErrorFamily) -> ObjectContent:
    """The content that a value is: text (as UTF-8), bytes, or a binary file, from its beginning.

    Raises
    ------
    ObjectValueError
        The family's own, if it is none of them.
    """
    if isinstance(value, str):
        return Content([memoryview(value.encode())])
    if isinstance(value, bytes | bytearray | memoryview):
        view = memoryview(value)
        return Content([view.cast("B") if view.contiguous else memoryview(view.tobytes())])
    if isinstance(value, io.BytesIO):
        return Content([value.getbuffer()])
    if isinstance(value, io.TextIOBase) or not all(hasattr(value, name) for name in ("read", "seek")):
        raise errors.value(
            f"{key!r} is to be {type(value).__name__}, which is neither text, bytes nor a file opened for reading "
            "bytes: convert it first, as with json.dumps or pickle.dumps"
        )
    try:
        if not (value.readable() and value.seekable()):
            raise OSError("it can't be read, or not sought")
        size = value.seek(0, io.SEEK_END)
    except (OSError, ValueError, AttributeError) as error:
        raise errors.value(f"the file that {key!r} is to be can't be used: {error}") from None
    return FileContent(_Locked(value), 0, size)


def content_of_file(path: str | os.PathLike[str], key: str, errors: ErrorFamily) -> tuple[FileContent, int]:
    """The content of a file, and the descriptor to close when it was read.

    Raises
    ------
    ObjectNotFound, ObjectValueError
        The family's own, if there is no such file, or it can't be read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise errors.not_found(f"local file not found: {path}, which is to be {key!r}") from None
    except OSError as error:
        raise errors.value(f"the file {path}, which is to be {key!r}, can't be read: {error.strerror}") from None
    if Path(path).is_dir():
        os.close(descriptor)
        raise errors.value(f"{path}, which is to be {key!r}, is a folder: give its files one by one")

    def read_at(position: int, size: int) -> bytes:
        pieces = []
        while size and (piece := os.pread(descriptor, size, position)):
            pieces.append(piece)
            position += len(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    return FileContent(read_at, 0, os.fstat(descriptor).st_size), descriptor
