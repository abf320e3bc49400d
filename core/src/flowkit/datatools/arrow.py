"""A filesystem of pyarrow's over the client that data tools use.

pyarrow has clients of its own for some stores, which look for credentials in their own ways. This one has the same
credentials, addresses, retries and certificates as the tools, whatever the store. This module needs pyarrow.
"""

from __future__ import annotations

import atexit
import io
import tempfile
import time
import weakref
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pyarrow
from pyarrow import fs

from flowkit.artifacts.remote.reading import read_all
from flowkit.artifacts.remote.requests import Download
from flowkit.datatools.addresses import Address
from flowkit.datatools.progress import Meter
from flowkit.datatools.service import ObjectFacts, ObjectService, PutOptions, patiently
from flowkit.datatools.uploads import Source, Uploader

__all__ = ["arrow_filesystem"]

#: Files that pyarrow has opened, and neither closed nor let go yet.
_OPEN: weakref.WeakSet[_Reader] = weakref.WeakSet()
#: Seconds to wait for them when the interpreter ends.
_PATIENCE = 1.0
#: Bytes that are asked for at once where a file is read from its beginning on.
_AHEAD = 8 * 1024 * 1024


def arrow_filesystem(service: ObjectService) -> Any:
    """A ``pyarrow.fs.FileSystem`` whose paths are ``bucket/name``; it reads and writes, and removes nothing."""
    return fs.PyFileSystem(_Handler(service))


class _Handler(fs.FileSystemHandler):  # type: ignore[misc]
    """What pyarrow asks of a filesystem, in requests to a store."""

    def __init__(self, service: ObjectService) -> None:
        self._service = service

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Handler) and other._service is self._service

    def __hash__(self) -> int:
        return id(self._service)

    def get_type_name(self) -> str:
        """The store's scheme."""
        return f"flowkit+{self._service.scheme}"

    def normalize_path(self, path: str) -> str:
        """The path without the scheme, if it has one."""
        return path.removeprefix(f"{self._service.scheme}://").rstrip("/")

    # --- what is there ---------------------------------------------------------------------------------------------

    def get_file_info(self, paths: Iterable[str]) -> list[Any]:
        """Whether each path is an object, the beginning of some, or nothing."""
        return [self._info(self.normalize_path(path)) for path in paths]

    def _info(self, path: str) -> Any:
        address = self._address(path)
        if address.name:
            try:
                facts = patiently(lambda: self._service.head(address))
            except self._service.errors.not_found:
                pass
            else:
                moment = None if facts.modified_at is None else datetime.fromtimestamp(facts.modified_at, UTC)
                return fs.FileInfo(path, fs.FileType.File, size=facts.size, mtime=moment)
        folder = address.within(f"{address.name}/" if address.name else "")
        is_there = next(iter(self._service.scan(folder, recursive=True)), None) is not None
        return fs.FileInfo(path, fs.FileType.Directory if is_there else fs.FileType.NotFound)

    def get_file_info_selector(self, selector: Any) -> list[Any]:
        """The objects below a folder. Raises FileNotFoundError if there are none."""
        path = self.normalize_path(selector.base_dir)
        address = self._address(path)
        folder = address.within(f"{address.name}/" if address.name else "")
        found = []
        for name, size in self._service.scan(folder, recursive=selector.recursive):
            below = f"{address.bucket}/{name}".rstrip("/")
            if size is None:
                found.append(fs.FileInfo(below, fs.FileType.Directory))
            elif not name.endswith("/"):  # an object that some programs make to show an empty folder
                found.append(fs.FileInfo(below, fs.FileType.File, size=size))
        if not found and not selector.allow_not_found and self._info(path).type == fs.FileType.NotFound:
            raise FileNotFoundError(f"nothing is below {folder}")
        return found

    # --- reading and writing ---------------------------------------------------------------------------------------

    def open_input_file(self, path: str) -> Any:
        """The object, read where it is asked for. Raises the tools' errors."""
        return pyarrow.PythonFile(self._reader(path), mode="r")

    def open_input_stream(self, path: str) -> Any:
        """The object, read from its beginning on. Raises the tools' errors."""
        return pyarrow.PythonFile(io.BufferedReader(self._reader(path), _AHEAD), mode="r")

    def open_output_stream(self, path: str, metadata: Any) -> Any:
        """A file that becomes the object when it is closed."""
        return pyarrow.PythonFile(_Writer(self._service, self._address(path)), mode="w")

    def create_dir(self, path: str, recursive: bool) -> None:
        """Nothing: a folder is there as soon as it has an object."""

    def _reader(self, path: str) -> _Reader:
        address = self._address(self.normalize_path(path))
        reader = _Reader(self._service, address, patiently(lambda: self._service.head(address)))
        _OPEN.add(reader)
        return reader

    def _address(self, path: str) -> Address:
        bucket, _, name = path.partition("/")
        address = Address(self._service.scheme, bucket, name)
        self._service.check(address)
        return address

    # --- what data tools don't do ----------------------------------------------------------------------------------

    def _refuse(self, *paths: Any) -> None:
        raise PermissionError(
            f"this filesystem reads and writes, and removes nothing ({', '.join(map(str, paths))}): use the store's "
            "own tools for that"
        )

    delete_dir = delete_file = delete_dir_contents = move = copy_file = _refuse

    def delete_root_dir_contents(self) -> None:
        """Refused."""
        self._refuse("/")

    def open_append_stream(self, path: str, metadata: Any) -> Any:
        """Refused: objects can't grow."""
        self._refuse(path)


class _Reader(io.RawIOBase):
    """An object as a file that can be sought; each read is a request. It stays the same object all the time."""

    def __init__(self, service: ObjectService, address: Address, facts: ObjectFacts) -> None:
        super().__init__()
        self._service = service
        self._address = address
        self._facts = facts
        self._position = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Bytes from the beginning."""
        return self._position

    def size(self) -> int:
        """Bytes."""
        return self._facts.size

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to another place."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._facts.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """The next ``size`` bytes, fewer only at the end. Raises DatastoreError if the object was replaced."""
        left = max(0, self._facts.size - self._position)
        wanted = left if size is None or size < 0 else min(size, left)
        if not wanted:
            return b""
        content = read_all(self._ask, self._position, wanted)
        self._position += len(content)
        return content

    def readinto(self, buffer: Any) -> int:
        """As :meth:`read`, into a buffer."""
        content = self.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def _ask(self, start: int, length: int | None, version: str | None) -> Download | None:
        known = version or self._facts.version or None
        answer = patiently(lambda: self._service.download(self._address, start, length, known))
        return None if answer is None else answer[0]


class _Writer(io.RawIOBase):
    """Gathers what is written in a local file, and stores it when it is closed."""

    def __init__(self, service: ObjectService, address: Address) -> None:
        super().__init__()
        self._service = service
        self._address = address
        self._file = tempfile.TemporaryFile(prefix="flowkit-")  # noqa: SIM115 (closed when this is)

    def writable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Bytes from the beginning."""
        return self._file.tell()

    def write(self, data: Any) -> int:
        """Add bytes at the end."""
        return self._file.write(data)

    def close(self) -> None:
        """Store the object. Raises the tools' errors."""
        if self.closed:
            return
        try:
            url = str(self._address)
            source = Source(url, url, self._address, PutOptions(), value=self._file)
            with Meter("put", 1, quiet=True) as meter:
                Uploader(self._service, meter).store(source, overwrite=True)
        finally:
            self._file.close()
            super().close()


@atexit.register
def _wait_for_readers() -> None:
    """Let pyarrow's threads let go of their files: one that comes back when Python has ended aborts the process."""
    end = time.monotonic() + _PATIENCE
    while any(not reader.closed for reader in list(_OPEN)) and time.monotonic() < end:
        time.sleep(0.002)
