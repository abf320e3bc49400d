"""The SQL of listings: filters, order and pages.

A page begins after the last row of the one before (its sort key is the page's token), so that a listing doesn't skip or
repeat what was there all the time, however much is added meanwhile, and a late page costs what the first one did.
"""

from __future__ import annotations

import json

import attrs

from flowkit.builtin.sqlite_metadata.connection import Row
from flowkit.builtin.sqlite_metadata.rows import RUN_COLUMNS, TASK_COLUMNS, metadata_prefix, stored_label
from flowkit.errors import MetadataError
from flowkit.model.record import Page, RunFilter, TaskFilter, TaskSearch

__all__ = ["RUN_SELECT", "TASK_SELECT", "Query", "count_query", "runs_query", "tasks_query", "token_of"]


_TAGS = (
    "(SELECT json_group_array(tag) FROM (SELECT tag FROM run_tags WHERE run = runs.id AND is_system = {} "
    "ORDER BY position))"
)


#: Values for :func:`rows.run_of`; then the sort key.
RUN_SELECT = f"SELECT {', '.join(RUN_COLUMNS)}, {_TAGS.format(0)}, {_TAGS.format(1)}, created_at, id FROM runs"  # noqa: S608
#: Values for :func:`rows.task_of`; then the sort key. The last column is for searches alone.
TASK_SELECT = f"SELECT {', '.join(TASK_COLUMNS[:-1])}, ordinal, id FROM tasks"  # noqa: S608 (constants)

_RUN_OF = "run = (SELECT id FROM runs WHERE flow = ? AND run_id = ?)"
# Entries are arrays that begin with field and value. They are compared as JSON, in which any text is plain ASCII.
# Most rows are left out by a plain search of the text, which costs less than reading it.
_HAS_METADATA = (
    "(instr({table}.metadata, ?) > 0 AND EXISTS (SELECT 1 FROM json_each({table}.metadata) AS entry "
    "WHERE substr(entry.value, 1, length(?)) = ?))"
)
_TASK_HAS_METADATA = (
    f"({_HAS_METADATA.format(table='tasks')} "  # noqa: S608 (constants)
    "OR EXISTS (SELECT 1 FROM attempts WHERE attempts.run = tasks.run AND attempts.step = tasks.step "
    f"AND attempts.task_id = tasks.task_id AND {_HAS_METADATA.format(table='attempts')}))"
)


@attrs.define
class Query:
    """Conditions that all hold, with their values in order."""

    conditions: list[str] = attrs.field(factory=list)
    values: list[object] = attrs.field(factory=list)

    def where(self, condition: str, *values: object) -> None:
        """Add a condition."""
        self.conditions.append(condition)
        self.values.extend(values)

    def text(self, select: str, order: str = "") -> str:
        """The statement."""
        return f"{select} WHERE {' AND '.join(self.conditions) or 'TRUE'}{order}"


def runs_query(flow: str | None, where: RunFilter, page: Page) -> tuple[str, list[object]]:
    """Runs of a flow, or of all, one more than the page holds."""
    query = Query()
    if flow is not None:
        query.where("flow = ?", flow)
    if where.username is not None:
        query.where("username = ?", where.username)
    if where.status is not None:
        query.where("status = ?", where.status)
    if where.created_after is not None:
        query.where("created_at > ?", where.created_after)
    if where.created_before is not None:
        query.where("created_at < ?", where.created_before)
    for tag in where.tags:
        query.where("EXISTS (SELECT 1 FROM run_tags WHERE run = runs.id AND tag = ?)", tag)
    return _paged(query, RUN_SELECT, "created_at", page)


def tasks_query(flow: str, run_id: str, where: TaskFilter, page: Page) -> tuple[str, list[object]]:
    """Tasks of a run, one more than the page holds."""
    return _paged(_tasks_where(flow, run_id, where), TASK_SELECT, "ordinal", page)


def count_query(flow: str, run_id: str, where: TaskFilter) -> tuple[str, list[object]]:
    """How many tasks match."""
    query = _tasks_where(flow, run_id, where)
    return query.text("SELECT COUNT(*) FROM tasks"), query.values


def token_of(row: Row) -> str:
    """Where the page after the one that ends with ``row`` begins."""
    return f"{row[-2]!r}:{row[-1]}"


def _tasks_where(flow: str, run_id: str, where: TaskFilter) -> Query:
    query = Query()
    query.where(_RUN_OF, flow, run_id)
    if where.step is not None:
        query.where("step = ?", where.step)
    if where.status is not None:
        query.where("status = ?", where.status)
    if where.index_path is not None:
        query.where("index_path = ?", where.index_path)
    if where.index_prefix:
        # "3" and all of "3/…", but not "30": the digit 0 follows the slash in the order of characters.
        query.where("index_path >= ? AND index_path < ?", where.index_prefix, f"{where.index_prefix}0")
    if where.task_ids is not None:
        query.where("task_id IN (SELECT value FROM json_each(?))", json.dumps(where.task_ids))
    for field, value in where.metadata.items():
        query.where(_TASK_HAS_METADATA, *[metadata_prefix(field, value)] * 6)
    if isinstance(where, TaskSearch):
        if where.attempt is not None:
            query.where("attempt = ?", where.attempt)
        if where.input is not None:
            _where_input(query, flow, run_id, where.step, stored_label(where.input))
    return query


def _where_input(query: Query, flow: str, run_id: str, step: str | None, stored: str) -> None:
    query.where("index_path != ''")
    if step is None:
        query.where("input_label IN (?, '')", stored)
    else:
        # As a condition on its own it would lose to the index that has the tasks in order, and nothing else.
        found = f"SELECT id FROM tasks WHERE {_RUN_OF} AND step = ? AND input_label IN (?, '')"  # noqa: S608
        query.where(f"id IN ({found})", flow, run_id, step, stored)


def _paged(query: Query, select: str, key: str, page: Page) -> tuple[str, list[object]]:
    if page.limit < 1:
        raise MetadataError(f"a page of {page.limit} rows can't be listed: ask for 1 or more")
    sign, order = ("<", "DESC") if page.newest_first else (">", "ASC")
    if page.after is not None:
        query.where(f"({key}, id) {sign} (?, ?)", *_position(page.after))
    query.values.append(page.limit + 1)
    return query.text(select, f" ORDER BY {key} {order}, id {order} LIMIT ?"), query.values


def _position(token: str) -> tuple[float, int]:
    key, _, row = token.partition(":")
    try:
        return (float(key) if "." in key or "e" in key else int(key)), int(row)
    except ValueError:
        raise MetadataError(f"{token!r} isn't where a page begins: use what the page before gave as next") from None
