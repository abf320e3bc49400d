"""Objects that garbage collection has taken out of the way, and may yet bring back.

Where a store can't say "remove this, unless it was renewed meanwhile" in one step, a writer may find an object present
in the very moment in which a collector removes it. So a collector never removes: it sets an object aside, and drops it
when a grace period has gone by in which nobody came to name it.

Each copy has a name of its own: a collector drops the copy that it has listed, and never one that another has made
since, on which that one's deletion relies.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flowkit.errors import DatastoreError

if TYPE_CHECKING:
    from flowkit.interfaces.datastore import Datastore, ObjectInfo

__all__ = ["ASIDE", "SAME_TIME", "check_in_time", "list_copies", "restore_copy", "set_copy_aside", "was_renewed"]

#: First component of the keys of copies that were set aside, in stores that can't rename. No flow has this name.
ASIDE = ".aside"
#: Ends the key of the object in the key of its copy ``.aside/<key>~/<random>``. Earlier versions made ``.aside/<key>``.
_MARK = "~"
#: Seconds within which two times are one: services give them in whole seconds in some answers, in parts in others.
SAME_TIME = 1.0
#: Seconds that may lie between the look at an object and its deletion: a small part of the time for which its copy
#: waits, whatever the process, or its machine, did in between.
_LONGEST = 3600.0


def was_renewed(listed: ObjectInfo, found: ObjectInfo) -> bool:
    """Whether an object was written or renewed since it was listed."""
    return found.modified_at > listed.modified_at + SAME_TIME or found.size != listed.size


def set_copy_aside(store: Datastore, listed: ObjectInfo) -> bool:
    """Copy an object to where it waits, if it wasn't renewed since it was listed. The caller then deletes it."""
    found = store.info(listed.key)
    place = f"{ASIDE}/{listed.key}{_MARK}/{os.urandom(8).hex()}"
    return found is not None and not was_renewed(listed, found) and store.copy(listed.key, place)


def check_in_time(begun: float, now: float, root: str) -> None:
    """Raise DatastoreError if it is too late to delete what was looked at, and copied, since ``begun``."""
    if now - begun > _LONGEST:
        raise DatastoreError(f"setting objects aside in {root} took too long: start it again")


def list_copies(store: Datastore, prefix: str) -> Iterator[tuple[str, ObjectInfo]]:
    """Copies that wait, each with the key that it had; the time is when it was set aside."""
    for copy in store.list(f"{ASIDE}/{prefix}" if prefix else ASIDE):
        rest = copy.key.removeprefix(f"{ASIDE}/")
        yield rest.rpartition(f"{_MARK}/")[0] or rest, copy


def restore_copy(store: Datastore, key: str) -> bool:
    """Copy an object back to its key from any of its copies; False if there is none.

    The copies stay for their time: the collectors that made them may be about to delete the object.
    """
    copies = store.list(f"{ASIDE}/{key}{_MARK}")
    return any(store.copy(copy.key, key) for copy in copies) or store.copy(f"{ASIDE}/{key}", key)
