"""PostgreSQL: for production, and for several servers over one database."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, TypeVar, cast
from urllib.parse import urlsplit

import asyncpg

from flowkit.plugin import MetadataError
from flowkit_service.storage.database import Database, DatabaseUnavailable, Row, Transaction, Work
from flowkit_service.storage.versions import check_version

__all__ = ["PostgreSQLDatabase"]

T = TypeVar("T")

#: Any number, as long as all servers lock the same one.
_MIGRATION_LOCK = 7_402_119_530_114
_TRIES = 8
_LOST = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    # What the driver makes of a connection that ends while it is taken.
    asyncpg.InternalClientError,
)
_IN_THE_WAY = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


class PostgreSQLDatabase(Database):
    """A database that a URL names.

    Parameters
    ----------
    url
        ``postgresql://user:password@host:port/database``; what it leaves out is found as libpq does (PGPASSWORD,
        ``~/.pgpass``…).
    connections
        How many are held at most.
    """

    dialect: ClassVar[str] = "postgresql"

    def __init__(self, url: str, connections: int = 10) -> None:
        self._url = url
        self._connections = connections
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        self.location = f"postgresql://{parts.hostname or ''}{port}{parts.path}"
        self._pool: Any = None

    async def open(self) -> None:
        """Make a pool, and one connection."""
        try:
            self._pool = await asyncpg.create_pool(
                self._url,
                # The pool itself would try, and log, while the database is away.
                min_size=0,
                max_size=self._connections,
                timeout=10,
                command_timeout=60,
                max_inactive_connection_lifetime=300,
            )
            async with self._pool.acquire():
                return  # it can be reached
        except (*_LOST, asyncpg.PostgresError, ValueError) as error:
            raise self._unavailable(error) from None

    async def close(self) -> None:
        """Close all connections, after what they are doing is done."""
        if self._pool is not None:
            try:
                await asyncio.wait_for(self._pool.close(), 10)
            except TimeoutError:
                self._pool.terminate()

    async def write(self, work: Work[T]) -> T:
        """Do ``work`` in one transaction."""
        for attempt in range(_TRIES):
            try:
                async with self._pool.acquire(timeout=30) as connection, connection.transaction():
                    return await work(_PostgreSQLTransaction(connection))
            except _IN_THE_WAY as error:
                if attempt == _TRIES - 1:
                    raise DatabaseUnavailable(f"{self.location}: {_line(error)}") from None
                await asyncio.sleep(0.01 * 2**attempt * (0.5 + random.random()))
            except Exception as error:
                raise self._translated(error) from error
        raise AssertionError  # the loop returns or raises

    async def read(self, work: Work[T]) -> T:
        """Do ``work``, which only reads; once more where the server had closed the connection meanwhile."""
        for is_last in (False, True):
            try:
                async with self._pool.acquire(timeout=30) as connection:
                    return await work(_PostgreSQLTransaction(connection))
            except Exception as error:
                if is_last or not _is_lost(error):
                    raise self._translated(error) from error
        raise AssertionError  # the loop returns or raises

    async def migrate(self, scripts: Sequence[tuple[int, str]]) -> int:
        """Apply those scripts that weren't, in order, while no other server does."""
        try:
            async with self._pool.acquire(timeout=30) as connection, connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _MIGRATION_LOCK, timeout=600)
                version = await _version(connection)
                check_version(version, scripts, self.location)
                waiting = [one for one in scripts if one[0] > version]
                for number, script in waiting:
                    await connection.execute(script, timeout=3600)
                    await connection.execute("INSERT INTO migrations (number) VALUES ($1)", number)
                return len(waiting)
        except Exception as error:
            raise self._translated(error) from error

    async def version(self) -> int:
        """The number of the last script that was applied."""
        async with self._pool.acquire(timeout=30) as connection:
            return await _version(connection)

    def _unavailable(self, error: BaseException) -> DatabaseUnavailable:
        return DatabaseUnavailable(
            f"{self.location} can't be used: {_line(error)}; check that PostgreSQL runs there, the database, and the "
            "user's name and password"
        )

    def _translated(self, error: Exception) -> Exception:
        if _is_lost(error):
            return self._unavailable(error)
        if isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError | UnicodeEncodeError):
            return MetadataError(f"{self.location}: {_line(error)}")
        return error


class _PostgreSQLTransaction(Transaction):
    dialect: ClassVar[str] = "postgresql"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        return cast("list[Row]", await self._connection.fetch(sql, *values))

    async def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        await self._connection.executemany(sql, rows)

    async def next_number(self) -> int:
        return int(await self._connection.fetchval("SELECT nextval('numbers')"))


def _is_lost(error: Exception) -> bool:
    # A value that can't be sent is an InterfaceError, too.
    return isinstance(error, _LOST) and not isinstance(error, ValueError)


async def _version(connection: Any) -> int:
    if await connection.fetchval("SELECT to_regclass('migrations')") is None:
        return 0
    return int(await connection.fetchval("SELECT COALESCE(MAX(number), 0) FROM migrations"))


def _line(error: BaseException) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()) or type(error).__name__
