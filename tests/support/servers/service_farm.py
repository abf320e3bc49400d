"""Many metadata services in one process, each with an empty database of its own: ``http://…/NAME`` is one.

Started by :func:`support.servers.services.serve_services`, as a program.
"""

from __future__ import annotations

import asyncio
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import asyncpg
import uvicorn

from flowkit_service.server.access import Access
from flowkit_service.server.app import create_app
from flowkit_service.storage.choice import database_at
from flowkit_service.storage.database import Database
from flowkit_service.storage.versions import scripts_for

#: Databases that are open at once.
MOST_OPEN = 4


class Farm:
    """Passes each request on to the service that its path names first."""

    def __init__(self, base: str, *, plain: bool) -> None:
        self._base = base
        self._plain = plain
        self._services: OrderedDict[str, tuple[Any, Database]] = OrderedDict()
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        _, name, *rest = scope["path"].split("/")
        async with self._lock:
            app = await self._service(name)
        await app({**scope, "path": "/" + "/".join(rest), "raw_path": b""}, receive, send)

    async def _service(self, name: str) -> Any:
        if name not in self._services:
            database = database_at(await self._place(name))
            await database.open()
            await database.migrate(scripts_for(database.dialect))
            self._services[name] = (create_app(database, Access(None), extensions=not self._plain), database)
            while len(self._services) > MOST_OPEN:
                _, (_, oldest) = self._services.popitem(last=False)
                await oldest.close()
        self._services.move_to_end(name)
        return self._services[name][0]

    async def _place(self, name: str) -> str:
        if not self._base.startswith("postgresql"):
            return str(Path(self._base) / f"{name}.db")
        connection = await asyncpg.connect(self._base)
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{name}"')
        await connection.close()
        return f"{self._base}?search_path={name}"


if __name__ == "__main__":
    port, base, kind = sys.argv[1:]
    uvicorn.run(
        Farm(base, plain=kind == "plain"),
        port=int(port),
        lifespan="off",
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
