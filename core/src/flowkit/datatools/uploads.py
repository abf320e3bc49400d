"""Values and local files into objects of a store."""

from __future__ import annotations

import os
import threading
from typing import Any

import attrs

from flowkit.datatools.addresses import Address
from flowkit.datatools.file_content import ObjectContent, content_of, content_of_file
from flowkit.datatools.progress import Meter
from flowkit.datatools.service import ObjectService, PutOptions, patiently

__all__ = ["Source", "Uploader"]

#: How many parts of one large object are on their way at once, and of how many large objects.
_PART_WORKERS = 8
_LARGE_AT_ONCE = 4


@attrs.frozen
class Source:
    """What becomes an object."""

    #: As the caller gave it, for messages.
    key: str
    url: str
    address: Address
    options: PutOptions
    #: Text, bytes or a binary file; not looked at if there is a path.
    value: Any = None
    path: str | os.PathLike[str] | None = None


class Uploader:
    """Stores objects in one service; may be used by several threads."""

    def __init__(self, service: ObjectService, meter: Meter) -> None:
        self._service = service
        self._meter = meter
        self._large = threading.Semaphore(_LARGE_AT_ONCE)

    def store(self, source: Source, *, overwrite: bool) -> bool:
        """Write one object; False if one is there and isn't to be overwritten.

        A large one is sent in parts at once, and is there when it is whole. Files are read as they are sent.

        Raises
        ------
        DataToolsError
            The family's, with the address in the message.
        """
        errors = self._service.errors
        if source.path is None:
            return self._send(source, content_of(source.value, source.key, errors), create=not overwrite)
        content, descriptor = content_of_file(source.path, source.key, errors)
        try:
            return self._send(source, content, create=not overwrite)
        except OSError as error:
            raise errors.value(f"the file {source.path}, which is to be {source.address}: {error}") from None
        finally:
            os.close(descriptor)

    def _send(self, source: Source, content: ObjectContent, *, create: bool) -> bool:
        self._meter.expect(content.size)
        if content.size <= self._service.part_size:
            is_new = self._send_whole(source, content, create=create)
            self._meter.advance(content.size)
        else:
            is_new = self._send_parts(source, content, create=create)
        self._meter.finish_one()
        return is_new

    def _send_whole(self, source: Source, content: ObjectContent, *, create: bool) -> bool:
        def send() -> bool:
            content.seek(0)
            return self._service.upload(source.address, content, source.options, create=create)

        return patiently(send)

    def _send_parts(self, source: Source, content: ObjectContent, *, create: bool) -> bool:
        if create and self._is_there(source.address):
            return False
        metered = _Metered(content, self._meter)
        with self._large:
            return patiently(
                lambda: self._service.upload_parts(
                    source.address, metered, source.options, create=create, workers=_PART_WORKERS
                )
            )

    def _is_there(self, address: Address) -> bool:
        """Whether there is such an object: cheaper to ask than to send all of it in vain."""
        try:
            patiently(lambda: self._service.head(address))
        except self._service.errors.not_found:
            return False
        return True


class _Metered:
    """Content that is counted as it is read; its parts when the next is made, as each is sent at once then."""

    def __init__(self, content: ObjectContent, meter: Meter) -> None:
        self._content = content
        self._meter = meter
        self._counted = 0
        self.size = content.size

    def read(self, size: int = -1, /) -> bytes:
        """As the content's."""
        piece = self._content.read(size)
        if (position := self._content.tell()) > self._counted:
            self._meter.advance(position - self._counted)
            self._counted = position
        return piece

    def tell(self) -> int:
        """As the content's."""
        return self._content.tell()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As the content's."""
        return self._content.seek(offset, whence)

    def split(self, size: int) -> Any:
        """The content's parts, each counted when the next is asked for."""
        for part in self._content.split(size):
            yield part
            self._meter.advance(part.size)
