"""Where a task stands in its foreaches, in words: the metadata field ``foreach-stack``."""

from __future__ import annotations

from typing import Any

from flowkit.authoring.binding import TaskBinding
from flowkit.model.artifact import ItemsRef

__all__ = ["foreach_labels", "label"]

#: Characters of one value.
_LONGEST = 30
#: Characters of the whole; the innermost ones are left out beyond it.
_LONGEST_STACK = 256
#: Bytes of an item, on average, up to which it is loaded to be shown.
_SMALL = 64 << 10


def foreach_labels(binding: TaskBinding, *, may_load: bool) -> str:
    """A JSON list such as ``["letter=a", "number=7"]``, outermost first; empty outside a foreach.

    An item that can't be had cheaply is shown by its position.

    Parameters
    ----------
    may_load
        Whether items that the step didn't use may be loaded for this: they are small and near.
    """
    if not binding.frames:
        return ""
    import json

    labels: list[str] = []
    for level, frame in enumerate(binding.frames):
        is_known = level in binding.items or frame.items is None or (may_load and _is_small(frame.items))
        item = _item(binding, level) if is_known else str(frame.index)
        shown = f"{frame.variable or 'num_parallel'}={item}"
        if sum(map(len, labels)) + len(shown) > _LONGEST_STACK:
            break
        labels.append(shown)
    return json.dumps(labels, ensure_ascii=False)


def _is_small(items: ItemsRef) -> bool:
    return items.blob.size <= _SMALL * items.count


def _item(binding: TaskBinding, level: int) -> str:
    try:
        return label(binding.item(level))
    except Exception:  # it can't be loaded, or shows itself with an error: no reason to fail the task
        return str(binding.frames[level].index)


def label(value: Any) -> str:
    """A value in a few characters: plain ones as they are, others by their repr."""
    if isinstance(value, str | int | float | bool):
        return str(value)[:_LONGEST]
    import reprlib

    return reprlib.repr(value)[:_LONGEST]
