"""The connection of one process to the metadata file.

SQLite's connections must not be used, nor even closed, in a forked child: a child opens its own when it first needs
one. A file that was removed or replaced meanwhile is opened anew. All methods may be called from any thread.
"""

from __future__ import annotations

import os
import random
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from flowkit.builtin.sqlite_metadata.failures import is_busy, is_full, is_half_written, is_stale, translate
from flowkit.builtin.sqlite_metadata.filesystem import beside, has_content, is_on_network
from flowkit.builtin.sqlite_metadata.schema import OLDEST_READ, SCHEMA_VERSION, check_version, migrate
from flowkit.errors import MetadataError

__all__ = ["Connection", "Row"]

T = TypeVar("T")
Row = tuple[Any, ...]

#: Seconds that SQLite itself waits for a lock before it gives up once.
_LOCK_SECONDS = 10.0
#: Seconds after which a writer gives up for good.
_DEADLINE_SECONDS = 60.0

# Connections of a parent process that a forked child must neither use nor close.
_inherited: list[sqlite3.Connection] = []


class Connection:
    """Reads and writes one file, each as one transaction.

    Parameters
    ----------
    file
        The database; made by the first write.
    read_only
        Never write, and never make a file; only what a killed process wrote in part is undone.
    fsync
        Wait for the disk at each write.
    """

    def __init__(self, file: Path, *, read_only: bool, fsync: bool = False) -> None:
        self.file = file
        self._read_only = read_only
        self._fsync = fsync
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._open: sqlite3.Connection | None = None
        self._can_write = False
        self._is_immutable = False
        self._lacks_space = False
        self._identity: tuple[int, ...] = ()

    # --- use -------------------------------------------------------------------------------------------------------

    def fetch(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """All rows of one query; none if there is no file. Raises MetadataError and other FlowkitErrors."""
        self._leave_parent()
        with self._lock:
            for is_last in (False, True):
                try:
                    connection = self._reader()
                    return [] if connection is None else connection.execute(sql, values).fetchall()
                except sqlite3.Error as error:
                    self._lacks_space = is_full(error, self.file)
                    if is_last or not (is_stale(error) or self._lacks_space):
                        raise translate(error, self.file) from error
                    self._close()
                except UnicodeEncodeError as error:
                    raise translate(error, self.file) from error
        raise AssertionError  # the loop returns or raises

    def version(self) -> int:
        """Format of the file; 0 if there is none. One of an older format is read as it is."""
        rows = self.fetch("PRAGMA user_version")
        return int(rows[0][0]) if rows else 0

    def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do ``work`` in one transaction; again from its start, for up to a minute, while others hold the lock.

        Raises
        ------
        StorageFull, StorageReadOnly, MetadataError, and what ``work`` raises; nothing is written then.
        """
        self._leave_parent()
        deadline = time.monotonic() + _DEADLINE_SECONDS
        pause = 0.001
        with self._lock:
            while True:
                try:
                    return self._attempt(work)
                except sqlite3.Error as error:
                    if not is_busy(error) or time.monotonic() > deadline:
                        raise translate(error, self.file) from error
                except (OSError, UnicodeEncodeError) as error:
                    raise translate(error, self.file) from error
                # Different processes must not try again at the same moment.
                time.sleep(pause * (0.5 + random.random()))
                pause = min(pause * 2, 0.1)

    def close(self) -> None:
        """Give the connection back; the next use opens another."""
        self._leave_parent()
        with self._lock:
            self._close()

    def __del__(self) -> None:
        # SQLite itself would close it, in a forked child too. At the interpreter's end modules are gone, and it may.
        if sys.is_finalizing():
            return
        self._leave_parent()
        self._close()

    # --- opening ---------------------------------------------------------------------------------------------------

    def _attempt(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._writer()
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
        return result

    def _leave_parent(self) -> None:
        if self._pid != os.getpid():
            if self._open is not None:
                _inherited.append(self._open)
            self._reset()

    def _writer(self) -> sqlite3.Connection:
        if self._read_only:
            raise MetadataError(f"{self.file} was opened for reading only")
        if self._open is not None and self._can_write and self._identity == self._identify():
            return self._open
        self._close()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.file, timeout=_LOCK_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            check_version(connection, self.file)
            journal = "DELETE" if is_on_network(self.file) else "WAL"
            connection.execute(f"PRAGMA journal_mode = {journal}")
            connection.execute(f"PRAGMA synchronous = {'FULL' if self._fsync else 'NORMAL'}")
            connection.execute("PRAGMA foreign_keys = ON")
            migrate(connection, self.file)
        except BaseException:
            connection.close()
            raise
        self._open, self._can_write, self._identity = connection, True, self._identify()
        return connection

    def _reader(self) -> sqlite3.Connection | None:
        identity = self._identify()
        if self._open is not None and identity == self._identity:
            return self._open
        self._close()
        if not identity:
            return None
        # Without the right to write in the folder, or space, SQLite can't make the index that a write-ahead log needs;
        # if there is no log nor journal, the file alone is the whole truth.
        cant_write = self._lacks_space or not os.access(self.file.parent, os.W_OK)
        immutable = cant_write and not self._has_log()
        try:
            connection, version = self._connect("immutable=1" if immutable else "mode=ro")
        except sqlite3.Error as error:
            if not is_half_written(error):
                raise
            # A process was killed inside a commit: what it wrote must be undone before anybody reads, and a
            # connection that only reads can't.
            self._connect("mode=rw")[0].close()
            connection, version = self._connect("mode=ro")
        if version == 0:  # another process is just making it
            connection.close()
            return None
        if version < SCHEMA_VERSION and not self._read_only:
            connection.close()
            return self._writer()
        if version < OLDEST_READ:
            connection.close()
            raise MetadataError(
                f"{self.file} is of an older format ({version}; now {SCHEMA_VERSION}): the next run that is recorded "
                "there brings it up to date"
            )
        self._open, self._is_immutable = connection, immutable
        self._identity = self._identify()
        return connection

    def _connect(self, mode: str) -> tuple[sqlite3.Connection, int]:
        connection = sqlite3.connect(
            f"{self.file.absolute().as_uri()}?{mode}",
            uri=True,
            timeout=_LOCK_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            return connection, check_version(connection, self.file)
        except BaseException:
            connection.close()
            raise

    def _has_log(self) -> bool:
        return has_content(beside(self.file, "wal")) or has_content(beside(self.file, "journal"))

    def _identify(self) -> tuple[int, ...]:
        """Changes when the open connection must not be used any more; empty if there is no file."""
        try:
            stat = self.file.stat()
        except (FileNotFoundError, NotADirectoryError):
            return ()
        if not self._is_immutable:
            return (stat.st_dev, stat.st_ino)
        return (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size, self._has_log())

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._open, self._can_write, self._is_immutable = None, False, False
