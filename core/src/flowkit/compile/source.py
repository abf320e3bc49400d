"""The syntax tree of a function, from its file or notebook cell."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import attrs

__all__ = ["FunctionSource", "source_of", "unwrap"]

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@attrs.frozen
class FunctionSource:
    """A function as it was written. Lines of ``node`` are lines of ``file``."""

    file: str
    node: FunctionNode


def unwrap(function: Any) -> Any:
    """The function that was written, under what ``functools.wraps`` put around it."""
    seen = set()
    while hasattr(function, "__wrapped__") and id(function) not in seen:
        seen.add(id(function))
        function = function.__wrapped__
    return function


def source_of(function: Callable[..., Any]) -> FunctionSource | None:
    """The source of ``function``; None if it can't be read, or isn't there any more as it was when imported."""
    code = getattr(unwrap(function), "__code__", None)
    if code is None:
        return None
    node = _functions_in(code.co_filename).get((code.co_firstlineno, code.co_name))
    return None if node is None else FunctionSource(code.co_filename, node)


#: By file: the lines that were parsed (the very list that linecache has), and what was found in them.
_parsed: dict[str, tuple[list[str], dict[tuple[int, str], FunctionNode]]] = {}


def _functions_in(file: str) -> dict[tuple[int, str], FunctionNode]:
    linecache.checkcache(file)
    lines = linecache.getlines(file)
    known = _parsed.get(file)
    if known is not None and known[0] is lines:
        return known[1]
    try:
        tree = ast.parse("".join(lines), file)
    except SyntaxError:
        return {}
    found = {(_first_line(node), node.name): node for node in _definitions(tree.body)}
    _parsed[file] = (lines, found)
    return found


def _first_line(node: FunctionNode) -> int:
    return node.decorator_list[0].lineno if node.decorator_list else node.lineno


def _definitions(body: Sequence[ast.AST]) -> Iterator[FunctionNode]:
    """Functions at any depth. Only statements are looked into: all expressions would take ten times longer."""
    for statement in body:
        if isinstance(statement, FunctionNode):
            yield statement
        for block in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(statement, block, None)
            if isinstance(inner, list):
                yield from _definitions(inner)
