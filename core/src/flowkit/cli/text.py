"""Descriptions that flow authors wrote, as text."""

from __future__ import annotations

from typing import Any

__all__ = ["dedent", "describe", "docstring"]


def describe(flow_class: type[Any]) -> str:
    """The docstring of a flow's class, or its name where it has none."""
    return docstring(flow_class) or f"The flow {flow_class.__name__}."


def docstring(flow_class: type[Any]) -> str:
    """The docstring of a flow's class; empty where it has none."""
    # Not inspect.getdoc: it would give FlowSpec's docstring to a flow that has none, and inspect is slow to import.
    return dedent(flow_class.__dict__.get("__doc__") or "")


def dedent(doc: str) -> str:
    """A docstring without the indentation that its lines after the first share.

    >>> dedent("One.\\n\\n    Two.\\n      Three.\\n    ")
    'One.\\n\\nTwo.\\n  Three.'
    """
    lines = doc.expandtabs().strip().splitlines()
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    return "\n".join(line[margin:].rstrip() if number else line.rstrip() for number, line in enumerate(lines))
