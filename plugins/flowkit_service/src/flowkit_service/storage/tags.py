"""Tags of runs, changed atomically."""

from __future__ import annotations

import json
from collections.abc import Iterable

from flowkit.plugin import NotFound, changed_tags
from flowkit_service.storage.database import Row, Transaction
from flowkit_service.storage.text import dump, storable

__all__ = ["insert_tags", "mutate_tags"]

_TAG = "INSERT INTO run_tags (run, tag, is_system) VALUES ($1, $2, $3) ON CONFLICT (run, tag) DO NOTHING"


async def insert_tags(transaction: Transaction, run: int, tags: Iterable[str], system_tags: Iterable[str]) -> None:
    """Make a new run found by its tags."""
    rows = [(run, storable(tag), 1) for tag in system_tags] + [(run, storable(tag), 0) for tag in tags]
    if rows:
        await transaction.execute_many(_TAG, rows)


async def mutate_tags(
    transaction: Transaction, flow: str, run_id: str, *, add: Iterable[object], remove: Iterable[object]
) -> Row:
    """Remove, then add, while nobody else changes this run's tags. Returns the run's row as it then is.

    Raises
    ------
    NotFound, TagError
    """
    # SQLite's transactions of writing have the whole file to themselves.
    lock = " FOR NO KEY UPDATE" if transaction.dialect == "postgresql" else ""
    row = await transaction.fetch_one(
        f"SELECT id, tags, system_tags FROM runs WHERE flow_id = $1 AND run_id = $2{lock}",  # noqa: S608 (a constant)
        flow,
        run_id,
    )
    if row is None:
        raise NotFound(f"there is no run {flow}/{run_id}")
    before = tuple(json.loads(row["tags"]))
    tags = changed_tags(before, json.loads(row["system_tags"]), add=add, remove=remove)
    if tags != before:
        await transaction.execute("UPDATE runs SET tags = $1 WHERE id = $2", dump(tags), row["id"])
        await transaction.execute("DELETE FROM run_tags WHERE run = $1 AND is_system = 0", row["id"])
        await insert_tags(transaction, row["id"], tags, ())
    found = await transaction.fetch_one("SELECT * FROM runs WHERE id = $1", row["id"])
    assert found is not None  # noqa: S101 (it is locked)
    return found
