"""Runs and tasks by conditions, for both interfaces."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from flowkit.plugin import Page, RunFilter, TaskFilter
from flowkit_service.storage.database import Row, Transaction
from flowkit_service.storage.query import Query, paged, token_of
from flowkit_service.storage.text import exact_form, storable

__all__ = [
    "RowPage",
    "add_run_filter",
    "count_tasks",
    "find_run",
    "find_task",
    "list_runs",
    "list_tasks",
    "run_query",
    "task_query",
]

_RUNS = "SELECT runs.* FROM runs"
_TASKS = "SELECT tasks.*, runs.flow_id, runs.run_id FROM tasks JOIN runs ON runs.id = tasks.run"
_COUNT = "SELECT COUNT(*) AS number FROM tasks JOIN runs ON runs.id = tasks.run"
_HAS_METADATA = (
    "EXISTS (SELECT 1 FROM metadata WHERE metadata.run = tasks.run AND metadata.step_name = tasks.step_name "
    "AND metadata.task_id = tasks.task_id AND metadata.source >= 0 AND metadata.field_name = {} AND metadata."
)


@attrs.frozen
class RowPage:
    """Rows of one page, and where the next begins."""

    rows: Sequence[Row]
    next: str | None


async def find_run(transaction: Transaction, flow: str, run_id: str) -> Row | None:
    """A run's row."""
    return await transaction.fetch_one(f"{_RUNS} WHERE flow_id = $1 AND run_id = $2", flow, run_id)


async def find_task(transaction: Transaction, flow: str, run_id: str, step: str, task_id: str) -> Row | None:
    """A task's row."""
    return await transaction.fetch_one(
        f"{_TASKS} WHERE flow_id = $1 AND run_id = $2 AND step_name = $3 AND task_id = $4", flow, run_id, step, task_id
    )


def run_query(flow: str | None, where: RunFilter) -> Query:
    """Conditions on runs; of all flows if none is named."""
    query = Query()
    if flow is not None:
        query.where("runs.flow_id = {}", flow)
    add_run_filter(query, where)
    return query


def add_run_filter(query: Query, where: RunFilter) -> None:
    """Add what a filter asks for."""
    for condition, value in (
        ("runs.user_name = {}", where.username),
        ("runs.status = {}", where.status),
        ("runs.created_at > {}", where.created_after),
        ("runs.created_at < {}", where.created_before),
    ):
        if value is not None:
            query.where(condition, value)
    for tag in where.tags:
        query.where("EXISTS (SELECT 1 FROM run_tags WHERE run = runs.id AND tag = {})", storable(tag))


def task_query(flow: str, run_id: str, where: TaskFilter) -> Query:
    """Conditions on tasks of a run."""
    query = Query()
    query.where("tasks.run = (SELECT id FROM runs WHERE flow_id = {} AND run_id = {})", flow, run_id)
    for condition, value in (
        ("tasks.step_name = {}", where.step),
        ("tasks.status = {}", where.status),
        ("tasks.index_path = {}", where.index_path),
    ):
        if value is not None:
            query.where(condition, value)
    if where.index_prefix:
        # "3" and all of "3/…", but not "30": the digit 0 follows the slash in the order of characters.
        prefix = where.index_prefix
        query.where("tasks.index_path >= {} AND tasks.index_path < {}", prefix, f"{prefix}0")
        query.where("(tasks.index_path = {} OR tasks.index_path LIKE {})", prefix, f"{prefix}/%")
    if where.task_ids is not None:
        marks = ", ".join(query.value(task_id) for task_id in where.task_ids)
        query.conditions.append(f"tasks.task_id IN ({marks})" if marks else "1 = 0")
    for field, value in where.metadata.items():
        exact = exact_form(value)
        if exact is None:
            query.where(_HAS_METADATA + "value = {} AND metadata.exact IS NULL)", storable(field), value)
        else:
            query.where(_HAS_METADATA + "exact = {})", storable(field), exact)
    return query


async def list_runs(transaction: Transaction, query: Query, page: Page) -> RowPage:
    """A page of runs, by time of creation."""
    order = paged(query, "runs", "created_at", page)
    rows = await transaction.fetch(query.text(_RUNS, order), *query.values)
    return _page(rows, page, "created_at")


async def list_tasks(transaction: Transaction, query: Query, page: Page) -> RowPage:
    """A page of tasks, by ordinal."""
    order = paged(query, "tasks", "ordinal", page)
    rows = await transaction.fetch(query.text(_TASKS, order), *query.values)
    return _page(rows, page, "ordinal")


async def count_tasks(transaction: Transaction, query: Query) -> int:
    """How many tasks match."""
    rows = await transaction.fetch(query.text(_COUNT), *query.values)
    return int(rows[0]["number"])


def _page(rows: Sequence[Row], page: Page, key: str) -> RowPage:
    following = token_of(rows[page.limit - 1], key) if len(rows) > page.limit else None
    return RowPage(rows[: page.limit], following)
