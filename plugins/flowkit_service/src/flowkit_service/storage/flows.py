"""Flows."""

from __future__ import annotations

from collections.abc import Sequence

from flowkit.plugin import Page
from flowkit_service.storage.database import Row, Transaction
from flowkit_service.storage.query import Query

__all__ = ["add_flow", "find_flow", "flows_with_runs", "list_flows"]


async def add_flow(transaction: Transaction, flow: str, user: str | None, ts_epoch: int) -> Row | None:
    """Record a flow; its row, or None if it was there."""
    # Asked first: an insertion that finds the row there would use up work, and a lock, at every run.
    if await find_flow(transaction, flow) is not None:
        return None
    return await transaction.fetch_one(
        "INSERT INTO flows (flow_id, user_name, ts_epoch, tags, system_tags) VALUES ($1, $2, $3, '[]', '[]') "
        "ON CONFLICT (flow_id) DO NOTHING RETURNING *",
        flow,
        user,
        ts_epoch,
    )


async def find_flow(transaction: Transaction, flow: str) -> Row | None:
    """A flow's row."""
    return await transaction.fetch_one("SELECT * FROM flows WHERE flow_id = $1", flow)


async def list_flows(transaction: Transaction, query: Query, page: Page) -> Sequence[Row]:
    """Flows by name, from the one after ``page.after``; one more than the page holds."""
    if page.after is not None:
        query.where(f"flow_id {'<' if page.newest_first else '>'} {{}}", page.after)
    order = f" ORDER BY flow_id {'DESC' if page.newest_first else 'ASC'} LIMIT {query.value(page.limit + 1)}"
    return await transaction.fetch(query.text("SELECT flows.* FROM flows", order), *query.values)


async def flows_with_runs(transaction: Transaction) -> list[str]:
    """Names of the flows that have runs."""
    rows = await transaction.fetch(
        "SELECT flow_id FROM flows WHERE EXISTS (SELECT 1 FROM runs WHERE runs.flow_id = flows.flow_id)"
    )
    return sorted(row["flow_id"] for row in rows)
