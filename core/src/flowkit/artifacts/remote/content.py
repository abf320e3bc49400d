"""Content in several buffers, read as one file from where the buffers lie."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import accumulate

__all__ = ["Content"]


class Content(io.RawIOBase):
    """A file for SDKs to read: it copies no more than what one ``read`` asks for.

    Parameters
    ----------
    views
        Flat views of bytes.
    """

    def __init__(self, views: Sequence[memoryview]) -> None:
        super().__init__()
        self._views = [view for view in views if view.nbytes]
        self._ends = list(accumulate(view.nbytes for view in self._views))
        self.size = self._ends[-1] if self._ends else 0
        self._position = 0
        self._index = 0

    def __len__(self) -> int:
        return self.size

    def __bool__(self) -> bool:
        return True

    def split(self, size: int) -> Iterator[Content]:
        """The same content as files of ``size`` bytes each; the last may have fewer."""
        for start in range(0, self.size, size):
            yield Content(list(self._slices(start, min(start + size, self.size))))

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
        self._index = 0
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """The next ``size`` bytes, fewer only at the end."""
        end = self.size if size is None or size < 0 else min(self._position + size, self.size)
        slices = list(self._slices(self._position, end))
        self._position = end
        return bytes(slices[0]) if len(slices) == 1 else b"".join(slices)

    def readall(self) -> bytes:
        """The rest."""
        return self.read()

    def _slices(self, start: int, end: int) -> Iterator[memoryview]:
        """The views that hold ``start`` to ``end``, cut. Reading onwards finds its place without a search."""
        index = self._index if not self._index or self._ends[self._index - 1] <= start else 0
        while start < end:
            if self._ends[index] <= start:
                index += 1
                continue
            begin = self._ends[index] - self._views[index].nbytes
            upto = min(end, self._ends[index])
            yield self._views[index][start - begin : upto - begin]
            start = upto
        self._index = index
