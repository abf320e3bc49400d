"""FlowKit's metadata service."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import attrs

from support.need import need_module
from support.servers.process import free_port, running

__all__ = ["Services", "serve_services"]


@attrs.frozen
class Services:
    """Many services over one database; any name is one that was empty at first."""

    url: str
    #: A folder of SQLite files, or a PostgreSQL server's address.
    base: str

    def at(self, name: str) -> str:
        """The address of one service."""
        return f"{self.url}/{name}"

    def sql(self, location: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Do a statement (with ``$1``…) in a service's database, past the service. Its rows."""
        name = location.rpartition("/")[2]
        if self.base.startswith("postgresql"):
            return asyncio.run(_postgresql(self.base, name, statement, values))
        with closing(sqlite3.connect(Path(self.base) / f"{name}.db")) as connection, connection:
            return connection.execute(statement.replace("$", "?"), values).fetchall()


async def _postgresql(base: str, name: str, statement: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
    import asyncpg

    connection = await asyncpg.connect(f"{base}?search_path={name}")
    try:
        return [tuple(row) for row in await connection.fetch(statement, *values)]
    finally:
        await connection.close()


@contextmanager
def serve_services(folder: Path, base: str, *, plain: bool = False) -> Iterator[Services]:
    """Services while the context lasts.

    Parameters
    ----------
    base
        A folder for SQLite files, or a PostgreSQL server's address.
    plain
        Without FlowKit's own operations.
    """
    for module in ("flowkit_service", "uvicorn", "starlette", "asyncpg"):
        need_module(module)
    port = free_port()
    program = str(Path(__file__).with_name("service_farm.py"))
    command = [sys.executable, program, str(port), base, "plain" if plain else "own"]
    with running(command, port, folder / f"services-{port}.log"):
        yield Services(f"http://127.0.0.1:{port}", base)
