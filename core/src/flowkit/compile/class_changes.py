"""Attributes of a flow's class that mutators change, and that are put back before the class is prepared again."""

from __future__ import annotations

from typing import Any

__all__ = ["change_class", "restore_class"]

#: Name in the class's own attributes: what each changed one was before.
_BEFORE = "__flowkit_before__"
_ABSENT = object()


class _Removed:
    """In place of an attribute that a base has and this class hasn't."""

    def __set_name__(self, owner: Any, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: Any) -> Any:
        raise AttributeError(f"{owner.__name__} has no attribute {self._name!r}", name=self._name)


def change_class(flow_class: type[Any], name: str, value: Any) -> None:
    """Set the class's own attribute ``name``; None removes it, also where a base has it."""
    before = vars(flow_class).get(_BEFORE)
    if before is None:
        before = {}
        setattr(flow_class, _BEFORE, before)
    before.setdefault(name, vars(flow_class).get(name, _ABSENT))
    if value is None:
        value = _Removed()
        value.__set_name__(flow_class, name)
    setattr(flow_class, name, value)


def restore_class(flow_class: type[Any]) -> None:
    """Undo all changes."""
    for name, value in vars(flow_class).get(_BEFORE, {}).items():
        if value is _ABSENT:
            delattr(flow_class, name)
        else:
            setattr(flow_class, name, value)
    if _BEFORE in vars(flow_class):
        delattr(flow_class, _BEFORE)
