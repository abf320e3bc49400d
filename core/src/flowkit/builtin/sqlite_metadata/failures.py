"""SQLite's errors in FlowKit's words."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from flowkit.builtin.sqlite_metadata.filesystem import beside, has_content
from flowkit.errors import FlowkitError, MetadataError, StorageFull, StorageReadOnly

__all__ = ["is_busy", "is_full", "is_half_written", "is_stale", "translate"]

_MASK = 0xFF  # the primary result code, without the detail that is in the higher bits


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & _MASK


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another process holds the lock, so that trying again may help."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_stale(error: sqlite3.Error) -> bool:
    """Whether a connection may have failed because the write-ahead log came or went since it was opened."""
    return _code(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)


def is_half_written(error: sqlite3.Error) -> bool:
    """Whether a process was killed while it wrote, and what it wrote must be undone by one that may write."""
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_ROLLBACK


def is_full(error: sqlite3.Error, file: Path) -> bool:
    """Whether the disk is full."""
    code = _code(error)
    # A mapped file that can't grow is reported as an input/output error.
    return code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _no_space(file))


def translate(error: Exception, file: Path) -> FlowkitError:
    """The error to raise in place of SQLite's (or of the operating system's, from making the folder)."""
    if isinstance(error, OSError):
        return _of_system(error, file)
    if not isinstance(error, sqlite3.Error):
        return MetadataError(f"{file} can't record a text that isn't UTF-8: {error}")
    code = _code(error)
    if left := _left_by_killed(error, file):
        return StorageReadOnly(
            f"{file} can't be read: a process that was killed left {left.name}, and what is in it can't be brought in "
            "from here; read it once as a user who may write there (flowkit status does), or copy the folder to where "
            "it can be written"
        )
    if is_full(error, file):
        return StorageFull(f"no space is left for {file}: free some, then run again or resume")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return StorageReadOnly(f"{file} can't be written: check who owns it and its folder, and the filesystem")
    if code == sqlite3.SQLITE_CANTOPEN:
        return StorageReadOnly(f"{file} can't be opened: check the permissions of the file and of its folder")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return MetadataError(
            f"{file} is damaged ({error}): move it away together with its -wal and -shm files and put a backup in its "
            "place; the artifacts beside it are untouched"
        )
    if is_busy(error):
        return MetadataError(f"{file} is locked by another process and stayed so: end that process, then try again")
    return MetadataError(f"{file}: {error}")


def _left_by_killed(error: sqlite3.Error, file: Path) -> Path | None:
    """What a killed process left, if it is the reason why a file can't be read."""
    if is_half_written(error):
        return beside(file, "journal")
    # The index of a write-ahead log must be made anew where it is gone.
    log = beside(file, "wal")
    cant_index = _code(error) == sqlite3.SQLITE_CANTOPEN and os.access(file, os.R_OK)
    return log if cant_index and has_content(log) and not beside(file, "shm").exists() else None


def _of_system(error: OSError, file: Path) -> FlowkitError:
    import errno

    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(f"no space is left for {file} ({reason}): free some, then run again or resume")
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        in_the_way = next((parent for parent in file.parents if parent.is_file()), file.parent)
        return StorageReadOnly(
            f"{in_the_way} is a file, where the folder for {file.name} should be: move it away, or let "
            "FLOWKIT_DATASTORE_SYSROOT_LOCAL name another folder"
        )
    return StorageReadOnly(f"{file} can't be made ({reason}): check the permissions of its folder, or name another")


def _no_space(file: Path) -> bool:
    try:
        stats = os.statvfs(file.parent)
    except (OSError, AttributeError):
        return False
    return stats.f_bavail == 0
