"""Downloads that go on where a dropped connection left them, and large ones in several ranges at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import attrs

from flowkit.artifacts.remote.parallel import map_in_order, pause
from flowkit.artifacts.remote.requests import ConnectionDropped, Download, ObjectChanged
from flowkit.errors import DatastoreError

__all__ = ["Ask", "Ranges", "read_all", "read_ranges", "receive", "while_unchanged"]

T = TypeVar("T")
#: Asks for a range of one object: its start, its length or None, and the version that it must have or None.
Ask = Callable[[int, int | None, str | None], Download | None]

#: Size and version where a range begins behind the object's end.
_NOTHING = (0, "")
#: How often a connection may drop in a row with no byte read.
_MOST_FAILURES = 6
#: How often an object may change while it is read.
_MOST_CHANGES = 3


@attrs.frozen
class Ranges:
    """How a large object is taken apart."""

    #: Bytes of the object, if it is as it was written.
    size: int
    part_size: int
    workers: int

    def starts(self) -> range:
        """Where the parts begin."""
        return range(0, self.size, self.part_size)


def read_all(ask: Ask, start: int, length: int | None) -> bytes:
    """The content from ``start``, ``length`` bytes of it or all that is left."""

    def attempt() -> bytes:
        pieces: list[bytes] = []
        receive(ask, start, length, pieces.append)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    return while_unchanged(attempt)


def read_ranges(ask: Ask, ranges: Ranges) -> tuple[int, bytearray]:
    """The size that the object has, and its content if that is the size expected."""

    def attempt() -> tuple[int, bytearray]:
        memory = bytearray(ranges.size)
        view = memoryview(memory)

        def fill(start: int) -> tuple[int, str]:
            end = min(start + ranges.part_size, ranges.size)
            return receive(ask, start, end - start, _Filler(view[start:end]).add, ranges.size)

        states = set(map_in_order(fill, ranges.starts(), ranges.workers)) - {_NOTHING}
        if len(states) > 1:
            raise ObjectChanged
        return states.pop()[0] if states else 0, memory

    return while_unchanged(attempt)


class _Filler:
    """Writes pieces into memory, one after another."""

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._position = 0

    def add(self, piece: bytes) -> None:
        end = self._position + len(piece)
        self._view[self._position : end] = piece
        self._position = end


def receive(
    ask: Ask, start: int, length: int | None, take: Callable[[bytes], object], expected_total: int | None = None
) -> tuple[int, str]:
    """Read a range to its end, whatever drops meanwhile; the object's size and version.

    Nothing is read of an object that hasn't the size expected.
    """
    received = failures = 0
    state = _NOTHING
    while True:
        before = received
        try:
            wanted = None if length is None else length - received
            download = ask(start + received, wanted, state[1] or None)
            if download is None:
                return state
            if state is not _NOTHING and download.version != state[1]:
                download.close()
                raise ObjectChanged
            state = download.total, download.version
            end = download.total if length is None else min(start + length, download.total)
            try:
                if expected_total not in (None, download.total):
                    return state
                for piece in download.pieces:
                    received += len(piece)
                    if start + received > end:
                        raise DatastoreError(f"the store sent more than the {end - start} bytes that were asked for")
                    take(piece)
            finally:
                download.close()
            if start + received >= end:
                return state
            raise ConnectionDropped(f"{end - start - received} bytes are missing")
        except ConnectionDropped as error:
            failures = 0 if received > before else failures + 1
            if failures >= _MOST_FAILURES:
                raise DatastoreError(
                    f"the connection to the store drops again and again ({error}): check the network and try again"
                ) from error
            pause(failures)


def while_unchanged(attempt: Callable[[], T]) -> T:
    """What ``attempt`` returns; it is made again if it raises ObjectChanged. Raises DatastoreError after three."""
    for _ in range(_MOST_CHANGES):
        try:
            return attempt()
        except ObjectChanged:
            continue
    raise DatastoreError("the object is written again and again while it is read: try again when its writer has ended")
