"""Ids in Netflix's service, which takes only names from clients and numbers all else itself.

FlowKit numbers its runs and tasks: ``12`` of FlowKit's is ``flowkit-12`` there. What the service itself numbered keeps
its number.
"""

from __future__ import annotations

from urllib.parse import quote

__all__ = ["path_of", "shown", "stored"]

_PREFIX = "flowkit-"


def stored(name: str) -> str:
    """The id there of what FlowKit calls ``name``."""
    return f"{_PREFIX}{name}" if name.isnumeric() else name


def shown(name: object) -> str:
    """FlowKit's id for what has the id ``name`` there."""
    text = str(name)
    inner = text.removeprefix(_PREFIX)
    return inner if inner.isnumeric() else text


def path_of(*names: str) -> str:
    """``/flows/F/runs/R/steps/S/tasks/T``, as far as there are names; they are ids as they are stored."""
    kinds = ("flows", "runs", "steps", "tasks")
    return "".join(f"/{kind}/{quote(name, safe='')}" for kind, name in zip(kinds, names, strict=False))
