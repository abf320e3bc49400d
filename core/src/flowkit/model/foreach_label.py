"""What a task's metadata tells of the item that it got from its foreach.

The field ``foreach-stack`` is a JSON list such as ``["letter=a", "number=7"]``, outermost first, whose values are cut
after :data:`LONGEST_LABEL` characters. An item that couldn't be had cheaply is shown by its position, as ``#3``.
"""

from __future__ import annotations

from typing import Any

from flowkit.model.record import TaskRecord

__all__ = ["FOREACH_STACK", "LONGEST_LABEL", "input_label", "label", "may_have_input", "position_label"]

#: The metadata field.
FOREACH_STACK = "foreach-stack"
#: Characters of one value: a label of this length may be cut.
LONGEST_LABEL = 30


def label(value: Any) -> str:
    """A value in a few characters: text and numbers as they are, others by their repr."""
    if isinstance(value, str | int | float):
        return str(value)[:LONGEST_LABEL]
    import reprlib
    from numbers import Number

    # Numbers of numpy, too: their repr names their type.
    return (str(value) if isinstance(value, Number) else reprlib.repr(value))[:LONGEST_LABEL]


def position_label(index: int) -> str:
    """What stands for an item that isn't known."""
    return f"#{index}"


def input_label(task: TaskRecord) -> str | None:
    """The innermost item in a few characters; None outside a foreach, and where the metadata doesn't tell."""
    if not task.frames:
        return None
    import json

    stack = next((entry.value for entry in task.metadata if entry.field == FOREACH_STACK), "")
    try:
        labels = json.loads(stack) if stack else ()
    except ValueError:
        return None
    if not isinstance(labels, list) or len(labels) != len(task.frames):
        return None  # the innermost ones were left out, for their length
    _, equals, text = str(labels[-1]).partition("=")
    return text if equals and text != position_label(task.frames[-1][3]) else None


def may_have_input(task: TaskRecord, label: str) -> bool:
    """Whether the task's item is shown as ``label``, or isn't known."""
    return bool(task.frames) and input_label(task) in (None, label)
