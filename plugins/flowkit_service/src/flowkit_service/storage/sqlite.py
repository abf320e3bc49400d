"""SQLite: what the service keeps if no other database is named."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

from flowkit.plugin import MetadataError, StorageReadOnly
from flowkit_service.storage.database import Database, DatabaseUnavailable, Row, Transaction, Work
from flowkit_service.storage.versions import check_version

__all__ = ["SQLiteDatabase"]

T = TypeVar("T")
R = TypeVar("R")

_LOCK_SECONDS = 30.0


class SQLiteDatabase(Database):
    """A file. All statements are made by one thread of this process.

    Parameters
    ----------
    file
        Made with its folder by :meth:`open`.
    """

    dialect: ClassVar[str] = "sqlite"

    def __init__(self, file: Path) -> None:
        self.file = file
        self.location = str(file)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="service-sqlite")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the file."""
        await self._in_thread(self._connect)

    async def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            await self._in_thread(self._connection.close)
        self._thread.shutdown()

    async def write(self, work: Work[T]) -> T:
        """Do ``work`` in one transaction."""
        return await self._in_thread(lambda: self._transact(work))

    async def read(self, work: Work[T]) -> T:
        """Do ``work``, which only reads."""
        return await self._in_thread(lambda: _finish(work, _SQLiteTransaction(self._opened())))

    async def migrate(self, scripts: Sequence[tuple[int, str]]) -> int:
        """Apply those scripts that weren't, in order."""
        return await self._in_thread(lambda: self._migrate(scripts))

    async def version(self) -> int:
        """The number of the last script that was applied."""
        return await self._in_thread(lambda: _user_version(self._opened()))

    # --- in the thread ---------------------------------------------------------------------------------------------

    async def _in_thread(self, call: Callable[[], R]) -> R:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, call)
        except sqlite3.OperationalError as error:
            if "readonly" in str(error) or "unable to open" in str(error):
                raise StorageReadOnly(f"{self.file} can't be written ({error}): check who owns it") from None
            raise DatabaseUnavailable(f"{self.file}: {error}") from None
        except UnicodeEncodeError as error:
            raise MetadataError(f"text that isn't valid Unicode can't be recorded: {error.reason}") from None
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.IntegrityError):
                raise
            raise MetadataError(f"{self.file}: {error}") from None

    def _connect(self) -> None:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # For its owner alone, with the files that SQLite makes beside it; one that is there keeps its rights.
            self.file.touch(mode=0o600)
        except OSError as error:
            raise StorageReadOnly(f"{self.file.parent} can't be made ({error.strerror}): name another file") from None
        connection = sqlite3.connect(
            self.file, timeout=_LOCK_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.create_function("regexp", 2, _matches, deterministic=True)
        self._connection = connection

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            raise DatabaseUnavailable(f"{self.file} isn't open")
        return self._connection

    def _transact(self, work: Work[T]) -> T:
        connection = self._opened()
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = _finish(work, _SQLiteTransaction(connection))
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
        return result

    def _migrate(self, scripts: Sequence[tuple[int, str]]) -> int:
        connection = self._opened()
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = _user_version(connection)
            check_version(version, scripts, self.location)
            waiting = [one for one in scripts if one[0] > version]
            for number, script in waiting:
                for statement in script.split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            connection.rollback()
            raise
        return len(waiting)


class _SQLiteTransaction(Transaction):
    dialect: ClassVar[str] = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        rows = self._connection.execute(_own_marks(sql), cast("Any", values)).fetchall()
        return cast("list[Row]", rows)

    async def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        self._connection.executemany(_own_marks(sql), cast("Any", rows))

    async def next_number(self) -> int:
        rows = await self.fetch("UPDATE numbers SET latest = latest + 1 RETURNING latest")
        return int(rows[0]["latest"])


def _finish(work: Work[R], transaction: Transaction) -> R:
    """Run a coroutine that never waits: here every statement is done when it is asked for."""
    coroutine = cast("Coroutine[Any, Any, R]", work(transaction))
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast("R", end.value)
    coroutine.close()
    raise RuntimeError("work on SQLite waited for something else than its statements")


@lru_cache(maxsize=512)
def _own_marks(sql: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", sql)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _matches(pattern: str, value: str | None) -> bool:
    return value is not None and _compiled(pattern).search(value) is not None


def _user_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
