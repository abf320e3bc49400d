"""Content that comes in pieces and whose size isn't known before its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from flowkit.artifacts.compression import new_compressor, ratio_of_sample, slices
from flowkit.interfaces.datastore import as_bytes_view
from flowkit.model.artifact import Codec

if TYPE_CHECKING:
    import zstandard

__all__ = ["KEPT", "PieceWriter"]

#: Up to so many bytes are kept in memory, in the hope that there will be no more.
KEPT = 1 << 20


class _Hasher(Protocol):
    def update(self, data: Any, /) -> Any: ...


class PieceWriter:
    """A sink for picklers and serializers: small content stays in memory, large content goes on in pieces.

    Parameters
    ----------
    open_target
        Called once, when there is more than is kept: returns what takes the pieces.
    hasher
        Fed with all content that goes on, uncompressed.
    worst_ratio
        Compress if a sample shrinks to this part of its size or less; 0 for never.
    """

    def __init__(self, open_target: Callable[[], Callable[[Any], None]], hasher: _Hasher, worst_ratio: float) -> None:
        self._open_target = open_target
        self._target: Callable[[Any], None] | None = None
        self._hasher = hasher
        self._worst_ratio = worst_ratio
        self._compressor: zstandard.ZstdCompressionObj | None = None
        self._waiting: list[Any] = []
        self._waiting_size = 0
        self.size = 0
        self.closed = False
        #: What a target raised: a library that writes here may hide it behind an error of its own.
        self.error: Exception | None = None

    @property
    def codec(self) -> Codec:
        """How the content that went on is encoded."""
        return "zstd" if self._compressor is not None else "raw"

    @property
    def spilled(self) -> bool:
        """Whether content went on; what is there else, :meth:`content` gives."""
        return self._target is not None

    def write(self, data: Any, /) -> int:
        """Take any contiguous buffer; its memory may be used again when this returns. Its size in bytes."""
        if type(data) is bytes:
            count = len(data)
            if count < KEPT:
                self._waiting.append(data)
                self._waiting_size += count
                self.size += count
                if self._waiting_size >= KEPT:
                    self._pass_on()
                return count
        view = as_bytes_view(data)
        self.size += view.nbytes
        if view.nbytes < KEPT:
            self._waiting.append(bytes(view))
            self._waiting_size += view.nbytes
            if self._waiting_size >= KEPT:
                self._pass_on()
        else:
            self._pass_on(view)
        return view.nbytes

    def tell(self) -> int:
        """Bytes taken so far."""
        return self.size

    def flush(self) -> None:
        """Does nothing; for libraries that call it."""
        return None

    def close(self) -> None:
        """Does nothing; for libraries that call it."""
        return None

    def content(self) -> bytes:
        """All that was written, if nothing went on."""
        return self._waiting[0] if len(self._waiting) == 1 else b"".join(self._waiting)

    def finish(self) -> None:
        """Pass on what is left, after content went on. Raises what the target raises."""
        self._pass_on()
        if self._compressor is not None and self._target is not None:
            self._target(self._compressor.flush())

    def _pass_on(self, last: memoryview | None = None) -> None:
        views = [memoryview(b"".join(self._waiting))] if self._waiting else []
        if last is not None:
            views.append(last)
        self._waiting.clear()
        self._waiting_size = 0
        try:
            if self._target is None:
                if self._worst_ratio and ratio_of_sample(views) <= self._worst_ratio:
                    self._compressor = new_compressor()
                self._target = self._open_target()
            for view in views:
                self._process(view, self._target)
        except Exception as error:
            self.error = error
            raise

    def _process(self, view: memoryview, target: Callable[[Any], None]) -> None:
        for piece in slices(view):
            self._hasher.update(piece)
            if self._compressor is None:
                target(piece)
            elif data := self._compressor.compress(piece):
                target(data)
