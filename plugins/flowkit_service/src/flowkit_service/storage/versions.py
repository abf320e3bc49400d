"""Migrations: numbered SQL scripts in ``migrations/DIALECT/``. A change of the tables is a new file, for both."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from flowkit.plugin import MetadataError, NewerFormatError

__all__ = ["check_is_newest", "check_version", "scripts_for"]


def scripts_for(dialect: str) -> list[tuple[int, str]]:
    """Numbers and texts of a dialect's scripts, in order. Each file is named ``NUMBER_what_it_does.sql``."""
    folder = files("flowkit_service.storage") / "migrations" / dialect
    named = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [(int(name.partition("_")[0]), (folder / name).read_text(encoding="utf-8")) for name in named]


def check_version(version: int, scripts: Sequence[tuple[int, str]], location: str) -> None:
    """Raise NewerFormatError if a database is further than these scripts lead."""
    newest = max(number for number, _ in scripts)
    if version > newest:
        raise NewerFormatError(
            f"{location} was made by a newer flowkit-service (tables {version}; this one knows {newest}): update it"
        )


def check_is_newest(version: int, scripts: Sequence[tuple[int, str]], location: str) -> None:
    """Raise MetadataError if a database isn't as far as these scripts lead, or NewerFormatError if it is further."""
    check_version(version, scripts, location)
    newest = max(number for number, _ in scripts)
    if version < newest:
        raise MetadataError(
            f"{location} has the tables of an older flowkit-service ({version}; this one needs {newest}): change them "
            "with: flowkit service migrate"
        )
