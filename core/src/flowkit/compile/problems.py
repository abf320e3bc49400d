"""Collecting what is wrong with a flow."""

from __future__ import annotations

from collections.abc import Iterable

from flowkit.model.graph import Node
from flowkit.model.problem import Problem

__all__ = ["at_node", "close_to", "located"]


def at_node(node: Node, code: str, message: str, line: int | None = None) -> Problem:
    """A problem of one step."""
    return Problem(f"step {node.name!r}: {message}", node.file, node.line if line is None else line, node.name, code)


def located(message: str, origin: str, code: str, step: str | None = None) -> Problem:
    """A problem at an origin such as ``flow.py:12``, which the message may begin with, or ``--with``."""
    file, _, line = origin.rpartition(":")
    text = message.removeprefix(f"{origin}: ")
    if step is not None:
        text = f"step {step!r}: {text}"
    if line.isdigit() and file:
        return Problem(text, file, int(line), step, code)
    return Problem(f"{origin}: {text}" if origin else text, step=step, code=code)


def close_to(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?``, or nothing."""
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), 3)
    return f"; did you mean {' or '.join(close)}?" if close else ""
