"""Conditions of a statement, with their values in order, and pages."""

from __future__ import annotations

from typing import Any

import attrs

from flowkit.plugin import MetadataError, Page
from flowkit_service.storage.database import Row

__all__ = ["Query", "paged", "token_of"]


@attrs.define
class Query:
    """Conditions that all hold."""

    conditions: list[str] = attrs.field(factory=list)
    values: list[Any] = attrs.field(factory=list)

    def where(self, condition: str, *values: object) -> None:
        """Add a condition; each ``{}`` in it is the next of the values."""
        self.conditions.append(condition.format(*[self.value(value) for value in values]))

    def value(self, value: object) -> str:
        """The mark that stands for ``value`` in the statement."""
        self.values.append(value)
        return f"${len(self.values)}"

    def text(self, select: str, order: str = "") -> str:
        """The statement."""
        conditions = f" WHERE {' AND '.join(self.conditions)}" if self.conditions else ""
        return f"{select}{conditions}{order}"


def paged(query: Query, table: str, key: str, page: Page) -> str:
    """The order of a page that begins after the one before, with a row more than the page holds.

    A page begins after the sort key of the last row before it: rows that are added meanwhile move nothing, and a late
    page costs what the first one did.

    Raises
    ------
    MetadataError
        If the page can't be.
    """
    if page.limit < 1:
        raise MetadataError(f"a page of {page.limit} rows can't be listed: ask for 1 or more")
    sign, order = ("<", "DESC") if page.newest_first else (">", "ASC")
    if page.after is not None:
        query.where(f"({table}.{key}, {table}.id) {sign} ({{}}, {{}})", *_position(page.after))
    return f" ORDER BY {table}.{key} {order}, {table}.id {order} LIMIT {query.value(page.limit + 1)}"


def token_of(row: Row, key: str) -> str:
    """Where the page after the one that ends with ``row`` begins."""
    return f"{row[key]!r}:{row['id']}"


def _position(token: str) -> tuple[float, int]:
    key, _, row = token.partition(":")
    try:
        return (float(key) if set(key) & set(".en") else int(key)), int(row)
    except ValueError:
        raise MetadataError(f"{token!r} isn't where a page begins: use what the page before gave as next") from None
