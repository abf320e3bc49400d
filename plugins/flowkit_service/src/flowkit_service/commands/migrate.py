"""``flowkit service migrate``."""

from __future__ import annotations

import asyncio

from flowkit.plugin import AppContext
from flowkit_service.commands.up import database_name
from flowkit_service.storage.choice import database_at
from flowkit_service.storage.database import Database
from flowkit_service.storage.versions import scripts_for

__all__ = ["migrate_database"]


def migrate_database(context: AppContext, name: str | None) -> None:
    """Apply the migrations that a database lacks."""
    database = database_at(database_name(context.settings, name), connections=1)
    applied, version = asyncio.run(_migrate(database))
    done = {0: "nothing was to do", 1: "1 migration was applied"}.get(applied, f"{applied} migrations were applied")
    context.console.result(f"{database.location}: {done}; its tables are of version {version}")


async def _migrate(database: Database) -> tuple[int, int]:
    await database.open()
    try:
        return await database.migrate(scripts_for(database.dialect)), await database.version()
    finally:
        await database.close()
