"""Where an instance of a flow keeps what joins it to its task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit.authoring.binding import TaskBinding

__all__ = ["CHANGED_ITEMS", "KEY", "binding_of"]

#: Name in an instance's ``__dict__``: begins as no artifact may.
KEY = "__flowkit_binding__"
#: The artifact of items of foreaches that a task, or one before it, changed in place: by the level of the foreach.
CHANGED_ITEMS = "_changed_items"


def binding_of(flow: Any) -> TaskBinding | None:
    """The task that ``flow`` was joined to; None for an instance that runs nothing."""
    binding: TaskBinding | None = vars(flow).get(KEY)
    return binding
