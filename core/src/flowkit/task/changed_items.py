"""Items of foreaches that a step changed in place: the tasks that follow in its branch see the change."""

from __future__ import annotations

from typing import Any

from flowkit.artifacts.store import ArtifactStore
from flowkit.authoring.binding import TaskBinding
from flowkit.authoring.bound import CHANGED_ITEMS
from flowkit.errors import ArtifactError

__all__ = ["changed_items"]

#: What can't be changed in place.
_FIXED = frozenset([int, float, complex, bool, str, bytes, range, type(None)])


def changed_items(binding: TaskBinding, store: ArtifactStore) -> dict[int, Any]:
    """By level, the items that the task, or one before it, has changed; empty if this task has changed none.

    Only items that the step asked for are looked at: each is compared with what it was, by content.
    """
    changed = {
        level: item
        for level, item in binding.items.items()
        if binding.frames[level].items is not None and not _is_fixed(item) and _differs(level, item, binding, store)
    }
    if not changed:
        return {}
    before = binding.load(CHANGED_ITEMS) if CHANGED_ITEMS in binding.names() else {}
    return {**before, **changed}


def _is_fixed(item: Any) -> bool:
    return type(item) in _FIXED or (type(item) is tuple and all(type(part) in _FIXED for part in item))


def _differs(level: int, item: Any, binding: TaskBinding, store: ArtifactStore) -> bool:
    try:
        return store.fingerprint(item) != store.fingerprint(binding.given_item(level))
    except ArtifactError:  # what it is now can't be stored: what it was stays
        return False
