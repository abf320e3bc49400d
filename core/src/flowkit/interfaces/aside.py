"""Objects that garbage collection has taken out of the way, and may yet bring back.

Where a store can't say "remove this, unless it was renewed meanwhile" in one step, a writer may find an object present
in the very moment in which a collector removes it. So a collector never removes: it sets an object aside, and drops it
when a grace period has gone by in which nobody came to name it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowkit.interfaces.datastore import Datastore, ObjectInfo

__all__ = ["ASIDE", "SAME_TIME", "aside_key", "list_copies", "set_copy_aside", "was_renewed"]

#: First component of the keys of copies that were set aside, in stores that can't rename. No flow has this name.
ASIDE = ".aside"
#: Seconds within which two times are one: services give them in whole seconds in some answers, in parts in others.
SAME_TIME = 1.0


def aside_key(key: str) -> str:
    """Where a copy of an object waits."""
    return f"{ASIDE}/{key}"


def was_renewed(listed: ObjectInfo, found: ObjectInfo) -> bool:
    """Whether an object was written or renewed since it was listed."""
    return found.modified_at > listed.modified_at + SAME_TIME or found.size != listed.size


def set_copy_aside(store: Datastore, listed: ObjectInfo) -> bool:
    """Copy an object to where it waits, if it wasn't renewed since it was listed. The caller then deletes it."""
    found = store.info(listed.key)
    return found is not None and not was_renewed(listed, found) and store.copy(listed.key, aside_key(listed.key))


def list_copies(store: Datastore, prefix: str) -> Iterator[ObjectInfo]:
    """Copies that wait, under the keys that they had; the time is when they were set aside."""
    import attrs

    for info in store.list(aside_key(prefix) if prefix else ASIDE):
        yield attrs.evolve(info, key=info.key.removeprefix(f"{ASIDE}/"))
