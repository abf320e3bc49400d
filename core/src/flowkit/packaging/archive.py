"""The archive of a run's code: made so that equal code is equal bytes, and opened with care."""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import attrs

from flowkit.errors import CorruptedBlobError, PackagingError
from flowkit.packaging.selection import FORMAT, INFO_NAME, CodeSource, Selection

__all__ = ["INFO_NAME", "CodeArchive", "make_archive", "write_archive"]

#: No name, no time, made on a system that isn't told: the same everywhere.
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LEVEL = 6


def make_archive(source: CodeSource, selection: Selection) -> bytes:
    """The selected files as a ``.tar.gz``. Raises PackagingError if one can't be read any more."""
    info: dict[str, Any] = {"format": FORMAT, "flow": source.flow, "script": source.script}
    if selection.added:
        info["added"] = sorted(selection.added)
    members: dict[str, tuple[bytes, bool]] = {
        INFO_NAME: (json.dumps(info, sort_keys=True, ensure_ascii=False).encode() + b"\n", False)
    }
    contents = {name: (path, selection.states[name][3]) for name, path in selection.paths.items()}

    def read() -> Iterator[tuple[str, bytes, bool]]:
        for name in sorted({*contents, *members}):
            if name in members:
                yield name, *members[name]
                continue
            path, executable = contents[name]
            try:
                yield name, Path(path).read_bytes(), executable
            except OSError as error:
                raise PackagingError(f"{path} can't be read: {error.strerror}") from error

    return write_archive(read())


def write_archive(members: Iterator[tuple[str, bytes, bool]]) -> bytes:
    """A ``.tar.gz`` of names, contents and whether each may be executed, in the order given."""
    import tarfile

    packed = _Deflated()
    with tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for name, content, executable in members:
            member = tarfile.TarInfo(name.replace(os.sep, "/"))
            member.size = len(content)
            member.mode = 0o755 if executable else 0o644
            archive.addfile(member, io.BytesIO(content))
    return packed.finish()


class _Deflated(io.RawIOBase):
    """Takes what is written and keeps it compressed."""

    def __init__(self) -> None:
        super().__init__()
        self._compress = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._checksum = 0
        self._size = 0
        self._parts = [_GZIP_HEADER]

    def write(self, data: Any) -> int:
        """Add bytes."""
        self._checksum = zlib.crc32(data, self._checksum)
        self._size += len(data)
        self._parts.append(self._compress.compress(data))
        return len(data)

    def finish(self) -> bytes:
        """All of it."""
        self._parts.append(self._compress.flush())
        self._parts.append(struct.pack("<LL", self._checksum, self._size & 0xFFFFFFFF))
        return b"".join(self._parts)


@attrs.frozen
class CodeArchive:
    """The bytes of an archive."""

    content: bytes = attrs.field(repr=False)

    @classmethod
    def checked(cls, content: bytes, sha256: str, where: str) -> CodeArchive:
        """The archive, once its hash is that by which it was asked for. Raises CorruptedBlobError."""
        if (found := cls(content).sha256) != sha256:
            raise CorruptedBlobError(
                f"the code {where} isn't what was stored: its SHA-256 is {found}, and should be {sha256}"
            )
        return cls(content)

    @property
    def sha256(self) -> str:
        """What names the archive: 64 hexadecimal digits."""
        import hashlib

        return hashlib.sha256(self.content).hexdigest()

    @property
    def info(self) -> Mapping[str, Any]:
        """``format``, ``flow``, ``script``, and ``added`` if decorators added files: their names."""
        found = json.loads(self.read(INFO_NAME))
        return found if isinstance(found, dict) else {}

    def open(self) -> Any:
        """The archive as a ``tarfile.TarFile``."""
        import tarfile

        return tarfile.open(fileobj=io.BytesIO(self.content), mode="r:gz")

    def files(self) -> dict[str, bytes]:
        """Contents by name, without the member that describes the archive."""
        with self.open() as archive:
            return {
                member.name: _content(archive.extractfile(member))
                for member in archive.getmembers()
                if member.isfile() and member.name != INFO_NAME
            }

    def names(self) -> list[str]:
        """Names of the files, sorted."""
        return sorted(self.files())

    def read(self, name: str) -> bytes:
        """One file's content. Raises PackagingError if it isn't in the archive."""
        with self.open() as archive:
            try:
                return _content(archive.extractfile(name))
            except KeyError:
                raise PackagingError(f"the archive of the code has no {name!r}") from None

    def unpack(self, folder: str | os.PathLike[str], *, with_info: bool = False) -> None:
        """Write the files below ``folder``. Nothing is written outside of it, and devices are refused.

        Parameters
        ----------
        with_info
            Write the member that describes the archive too: a flow that is run above the folder then knows that it is
            none of its own code.

        Raises
        ------
        PackagingError
            If the archive has a member that may not be unpacked, or a file can't be written.
        """
        import tarfile

        if not hasattr(tarfile, "data_filter"):
            raise PackagingError("unpacking code needs Python 3.11.4 or newer")

        def checked(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
            return None if member.name == INFO_NAME and not with_info else tarfile.data_filter(member, path)

        try:
            with self.open() as archive:
                archive.extractall(folder, filter=checked)  # noqa: S202 - the filter is the check
        except (tarfile.TarError, OSError) as error:
            raise PackagingError(f"the code can't be unpacked to {os.fspath(folder)}: {error}") from error


def _content(file: IO[bytes] | None) -> bytes:
    if file is None:
        return b""
    with file:
        return file.read()
