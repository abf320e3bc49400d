"""The metadata provider ``spin``."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

from flowkit.builtin.sqlite_metadata import SQLiteMetadata
from flowkit.settings import LOCAL_FOLDER, SPIN_FOLDER

__all__ = ["SpinMetadata"]


class SpinMetadata(SQLiteMetadata):
    """Records of tasks that ``spin`` ran, in a SQLite file of their own."""

    name: ClassVar[str] = "spin"

    @classmethod
    def open(cls, location: str, *, read_only: bool = False) -> Self:
        """Open the records of a project: ``location`` is its folder, its ``.flowkit`` or its ``.flowkit_spin``."""
        path = Path(location).expanduser().absolute()
        if path.name == LOCAL_FOLDER:
            path = path.with_name(SPIN_FOLDER)
        elif path.name != SPIN_FOLDER and path.suffix != ".db":
            path = path / SPIN_FOLDER
        return super().open(str(path), read_only=read_only)
