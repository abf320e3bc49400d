"""Records that are removed."""

from __future__ import annotations

from flowkit_service.storage.database import Transaction
from flowkit_service.storage.listing import find_run

__all__ = ["delete"]

_TABLES = ("artifacts", "metadata", "attempts", "tasks", "steps", "run_tags")


async def delete(transaction: Transaction, flow: str, run_id: str) -> bool:
    """Remove a run with all that is recorded of it; False if there is no such run."""
    run = await find_run(transaction, flow, run_id)
    if run is None:
        return False
    for table in _TABLES:
        await transaction.execute(f"DELETE FROM {table} WHERE run = $1", run["id"])  # noqa: S608 (constants)
    await transaction.execute("DELETE FROM runs WHERE id = $1", run["id"])
    return True
