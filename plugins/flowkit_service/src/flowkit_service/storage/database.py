"""What the service asks of a database, whichever it is.

Statements are written once, for both: parameters are ``$1``, ``$2``…; JSON is kept as text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from flowkit.plugin import MetadataError

__all__ = ["Database", "DatabaseUnavailable", "Row", "Transaction"]

T = TypeVar("T")
#: Values by the names of columns.
Row = Mapping[str, Any]


class DatabaseUnavailable(MetadataError):
    """The database can't be reached now, and may be later."""

    headline = "Database unavailable"


class Transaction(ABC):
    """What can be done inside one transaction. All of it is undone if the work raises."""

    dialect: ClassVar[str]

    @abstractmethod
    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        """All rows of one statement."""

    @abstractmethod
    async def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Do a statement for each row of values."""

    @abstractmethod
    async def next_number(self) -> int:
        """A number that nobody got before, for runs and tasks that come without an id."""

    async def fetch_one(self, sql: str, *values: object) -> Row | None:
        """The first row, if there is one."""
        rows = await self.fetch(sql, *values)
        return rows[0] if rows else None

    async def execute(self, sql: str, *values: object) -> None:
        """Do one statement."""
        await self.fetch(sql, *values)


Work = Callable[[Transaction], Awaitable[T]]


class Database(ABC):
    """One database. Opened by the server's process, in its event loop."""

    #: ``sqlite`` or ``postgresql``: which migrations it takes.
    dialect: ClassVar[str]
    #: For messages: without a password.
    location: str

    @abstractmethod
    async def open(self) -> None:
        """Make connections possible. Raises DatabaseUnavailable."""

    @abstractmethod
    async def close(self) -> None:
        """Give back connections."""

    @abstractmethod
    async def write(self, work: Work[T]) -> T:
        """Do ``work`` in one transaction, from its start again where others were in the way."""

    @abstractmethod
    async def read(self, work: Work[T]) -> T:
        """Do ``work``, which only reads."""

    @abstractmethod
    async def migrate(self, scripts: Sequence[tuple[int, str]]) -> int:
        """Apply those scripts that weren't, in order; safe for several servers at once.

        Returns
        -------
        int
            How many were applied.

        Raises
        ------
        NewerFormatError
            If a newer FlowKit has migrated it further.
        """

    @abstractmethod
    async def version(self) -> int:
        """The number of the last script that was applied; 0 for an empty database."""
