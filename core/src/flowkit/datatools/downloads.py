"""Objects of a store into local files."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import attrs

from flowkit.artifacts.remote.parallel import map_in_order
from flowkit.artifacts.remote.reading import receive, while_unchanged
from flowkit.artifacts.remote.requests import Download, ObjectChanged
from flowkit.datatools.addresses import Address
from flowkit.datatools.keys import RangeInfo
from flowkit.datatools.progress import Meter
from flowkit.datatools.service import ObjectFacts, ObjectService, patiently
from flowkit.errors import DatastoreError

__all__ = ["Downloader", "Fetched", "Span"]

T = TypeVar("T")
#: How many parts of one large object are on their way at once.
_PART_WORKERS = 8
#: Bytes that are asked for in one request. They are written as they come, and what is cut goes on where it was cut, so
#: that large ones cost neither memory nor time.
_LARGEST_RANGE = 64 * 1024 * 1024


@attrs.frozen
class Span:
    """Which bytes of an object are wanted."""

    offset: int = 0
    #: None to the end; negative for the last so many.
    length: int | None = None


@attrs.frozen
class Fetched:
    """What was fetched."""

    #: Of the local file.
    size: int
    facts: ObjectFacts
    range_info: RangeInfo


class Downloader:
    """Fetches objects of one service; may be used by several threads."""

    def __init__(self, service: ObjectService, meter: Meter) -> None:
        self._service = service
        self._meter = meter

    def fetch(self, address: Address, to: Path, span: Span | None = None, *, with_facts: bool = False) -> Fetched:
        """Write an object, or a range of it, to the file ``to``, which is new or was empty.

        One request for a small object; for a large one, its parts at once. What the connection has dropped is asked
        for again; an object that changes meanwhile is fetched anew.

        Parameters
        ----------
        with_facts
            Ask for the object's facts, too, where the service doesn't give them with the content.

        Raises
        ------
        DataToolsError
            The family's, with the address in the message. Nothing is left of the file then.
        """
        try:
            descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._local_error(error, address, to) from None
        try:
            fetched = self._guarded(address, lambda: while_unchanged(lambda: self._attempt(address, descriptor, span)))
            self._write(address, to, lambda: os.ftruncate(descriptor, fetched.size))
        except BaseException:
            with suppress(OSError):
                to.unlink()
            raise
        finally:
            os.close(descriptor)
        if with_facts and not self._service.facts_with_content:
            facts = patiently(lambda: self._service.head(address))
            fetched = attrs.evolve(fetched, facts=attrs.evolve(facts, size=fetched.facts.size))
        self._meter.finish_one()
        return fetched

    def _attempt(self, address: Address, descriptor: int, span: Span | None) -> Fetched:
        """Fetch it; raises ObjectChanged if its parts would be of two objects, OSError of the local file."""
        seen: list[ObjectFacts] = []
        version: str | None = None

        def ask(start: int, length: int | None, known: str | None) -> Download | None:
            answer = patiently(lambda: self._service.download(address, start, length, known or version))
            if answer is None:
                return None
            if not version:
                _need_room(descriptor, answer[0], begin, wanted)
            seen.append(answer[1])
            return answer[0]

        begin, wanted = self._resolve(address, span or Span(), seen)
        if wanted == 0:
            return Fetched(0, seen[-1], RangeInfo(seen[-1].size, begin, 0))
        first = self._service.part_size if wanted is None else min(wanted, self._service.part_size)
        state = receive(ask, begin, first, _Writer(descriptor, 0, self._meter).add)
        if state == (0, ""):
            return self._nothing_there(address, begin, span)
        total, version = state
        if total <= begin and (begin or wanted is not None):
            raise self._range_error(address, span or Span(), total)
        end = total if wanted is None else min(begin + wanted, total)
        self._meter.expect(end - begin)
        if end - begin > first:
            self._fetch_rest(ask, descriptor, range(begin, end), total, version)
        facts = attrs.evolve(seen[0], size=total, version=version)
        return Fetched(end - begin, facts, RangeInfo(total, begin, end - begin))

    def _fetch_rest(
        self, ask: Callable[..., Download | None], descriptor: int, covered: range, total: int, version: str
    ) -> None:
        first = covered.start + self._service.part_size
        size = max(self._service.part_size, min(_LARGEST_RANGE, -(-(covered.stop - first) // _PART_WORKERS)))

        def fetch(start: int) -> tuple[int, str]:
            writer = _Writer(descriptor, start - covered.start, self._meter)
            return receive(ask, start, min(size, covered.stop - start), writer.add, total)

        starts = range(first, covered.stop, size)
        for state in map_in_order(fetch, starts, _PART_WORKERS):
            if state != (total, version):
                raise ObjectChanged

    def _resolve(self, address: Address, span: Span, seen: list[ObjectFacts]) -> tuple[int, int | None]:
        """Where to start, and how many bytes. Asks for the object's size only where that depends on it."""
        if span.offset < 0:
            raise self._range_error(
                address, span, None, "a range begins at 0 or later; a negative length is from the end"
            )
        if span.length is None or span.length > 0:
            return span.offset, span.length
        facts = patiently(lambda: self._service.head(address))
        seen.append(facts)
        if span.length < 0:
            start = max(0, facts.size + span.length)
            return start, facts.size - start
        if span.offset > facts.size:
            raise self._range_error(address, span, facts.size)
        return span.offset, 0

    def _nothing_there(self, address: Address, start: int, span: Span | None) -> Fetched:
        """The object ends before ``start``: all is well if it is empty, and no range was asked for."""
        facts = patiently(lambda: self._service.head(address))
        if start < facts.size:
            raise ObjectChanged
        if start or (span is not None and span.length is not None):
            raise self._range_error(address, span or Span(), facts.size)
        return Fetched(0, facts, RangeInfo(0, 0, 0))

    # --- errors ----------------------------------------------------------------------------------------------------

    def _guarded(self, address: Address, call: Callable[[], T]) -> T:
        try:
            return call()
        except DatastoreError as error:
            raise self._service.errors.failed(f"GET {address} failed: {error}") from error
        except OSError as error:
            raise self._local_error(error, address, None) from None

    def _write(self, address: Address, to: Path, call: Callable[[], object]) -> None:
        try:
            call()
        except OSError as error:
            raise self._local_error(error, address, to) from None

    def _local_error(self, error: OSError, address: Address, to: Path | None) -> Exception:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            needed = f" ({error.needs})" if isinstance(error, _NoRoom) else ""
            return self._service.errors.disk(
                f"no space left on this machine for {address}{needed}: free some, or give a folder on a larger disk "
                "as tmproot"
            )
        where = f" to {to}" if to else ""
        return self._service.errors.failed(
            f"{address} can't be written{where}: {error.strerror or error}; give another folder as tmproot"
        )

    def _range_error(self, address: Address, span: Span, size: int | None, mend: str = "") -> Exception:
        asked = f"offset {span.offset}" + ("" if span.length is None else f", length {span.length}")
        has = "" if size is None else f", which has {size} bytes"
        return self._service.errors.range(f"no range of {asked} in {address}{has}{f': {mend}' if mend else ''}")


class _Writer:
    """Writes pieces to a file, from a place of its own."""

    def __init__(self, descriptor: int, position: int, meter: Meter) -> None:
        self._descriptor = descriptor
        self._position = position
        self._meter = meter

    def add(self, piece: bytes) -> None:
        view = memoryview(piece)
        while view:
            written = os.pwrite(self._descriptor, view, self._position)
            self._position += written
            view = view[written:]
        self._meter.advance(len(piece))


class _NoRoom(OSError):
    """There isn't as much space as is needed."""

    def __init__(self, needs: str) -> None:
        super().__init__(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.needs = needs


def _need_room(descriptor: int, download: Download, start: int, length: int | None) -> None:
    """Raise OSError now if what is to come has no room, rather than when the disk is full."""
    left = download.total - start
    needed = left if length is None else min(left, length)
    found = os.fstatvfs(descriptor)
    free = found.f_bavail * found.f_frsize
    if needed > free:
        download.close()
        raise _NoRoom(f"{needed} bytes are needed, {free} are free")
