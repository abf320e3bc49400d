"""Where a task stands in its foreaches, in words: the metadata field ``foreach-stack``."""

from __future__ import annotations

from flowkit.authoring.binding import TaskBinding
from flowkit.model.artifact import ItemsRef
from flowkit.model.foreach_label import label, position_label

__all__ = ["foreach_labels"]

#: Characters of the whole; the innermost ones are left out beyond it.
_LONGEST_STACK = 256
#: Bytes of an item, on average, up to which it is loaded to be shown.
_SMALL = 64 << 10


def foreach_labels(binding: TaskBinding, *, may_load: bool) -> str:
    """A JSON list such as ``["letter=a", "number=7"]``, outermost first; empty outside a foreach.

    An item that can't be had cheaply is shown by its position, as ``#3``.

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
        item = _item(binding, level) if is_known else position_label(frame.index)
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
    except (Exception, SystemExit):  # it can't be loaded, or shows itself with an error: no reason to fail the task
        return position_label(binding.frames[level].index)
