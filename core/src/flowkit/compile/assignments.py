"""Where a flow's code sets an attribute, found in its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import FunctionType
from typing import Any

from flowkit.compile.source import source_of, unwrap

__all__ = ["where_set"]


def where_set(flow_class: type[Any], step: str, name: str) -> str | None:
    """``flow.py:12`` of the last assignment to ``self.NAME`` in the step, or else in another method of the flow.

    None if there is none that can be seen: ``setattr``, or code outside of the class.
    """
    for function in _methods(flow_class, step):
        source = source_of(function)
        if source is None or not source.node.args.args:
            continue
        owner = source.node.args.args[0].arg
        lines = [
            node.lineno
            for node in ast.walk(source.node)
            if isinstance(node, ast.Attribute)
            and node.attr == name
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == owner
        ]
        if lines:
            return f"{source.file}:{max(lines)}"
    return None


def _methods(flow_class: type[Any], first: str) -> Iterator[FunctionType]:
    """The step's function, then all others that the flow and its bases define."""
    found = [getattr(flow_class, first, None)]
    found += [value for base in flow_class.__mro__ for value in vars(base).values()]
    for function in found:
        original = unwrap(function)
        if isinstance(original, FunctionType):
            yield original
