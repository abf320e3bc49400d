"""Which database a name means."""

from __future__ import annotations

from pathlib import Path

from flowkit.plugin import ConfigurationError
from flowkit_service.storage.database import Database

__all__ = ["database_at"]


def database_at(name: str, connections: int = 10) -> Database:
    """The database that ``postgresql://…``, ``sqlite:///FILE`` or a file's path names; it isn't opened yet.

    Raises
    ------
    ConfigurationError
        If no database can be named so.
    """
    scheme, separator, rest = name.partition("://")
    if separator and scheme in ("postgresql", "postgres"):
        from flowkit_service.storage.postgresql import PostgreSQLDatabase

        return PostgreSQLDatabase(name, connections)
    from flowkit_service.storage.sqlite import SQLiteDatabase

    if not separator:
        return SQLiteDatabase(Path(name).expanduser().absolute())
    if scheme == "sqlite" and rest.startswith("/"):
        return SQLiteDatabase(Path(rest[1:]).expanduser().absolute())
    raise ConfigurationError(
        f"{scheme}:// names no database that the service knows: give postgresql://USER@HOST/DATABASE, or the path of "
        "an SQLite file"
    )
