"""Requests that come again, or late: each changes something once.

A client numbers its requests that write, and sends the next one when this one was answered, or given up. So one whose
number isn't above the last of its writer that was done is a copy of that, or of one before.

Each process numbers its own, and numbers are never compared with another's, nor with a time: what is written on a
machine whose clock is slow, or by a process that began later, can't be taken for a copy.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from flowkit_service.storage.database import Transaction

__all__ = ["is_new"]

_SECONDS_PER_DAY = 86_400
#: After so many whole days without a request a writer is forgotten: no gateway keeps a request for so long.
_DAYS_KEPT = 2
# A second copy waits here until the transaction of the first has ended. The day, which has an index, seldom changes.
_DONE = (
    "INSERT INTO writers (writer, number, day) VALUES ($1, $2, $3) ON CONFLICT (writer) DO UPDATE SET "
    "number = excluded.number, day = excluded.day WHERE writers.number < excluded.number RETURNING number"
)


async def is_new(transaction: Transaction, given: Mapping[str, Any]) -> bool:
    """Whether a request is no copy; it counts as done then, if the transaction is committed.

    One without a number, of an older client, always is.
    """
    writer = given.get("writer")
    if writer is None:
        return True
    number, today = int(given["number"]), int(time.time() // _SECONDS_PER_DAY)
    done = await transaction.fetch_one(_DONE, str(writer), number, today)
    if number == 1:
        await transaction.execute("DELETE FROM writers WHERE day < $1", today - _DAYS_KEPT)
    return done is not None
