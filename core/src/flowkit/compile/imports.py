"""Which modules the steps import in their bodies, so that one process can import them for all tasks."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from flowkit.authoring.flowspec import steps_of
from flowkit.compile.compiler import CompiledFlow
from flowkit.compile.source import source_of
from flowkit.model.graph import Graph

__all__ = ["imported_modules", "preload_modules"]


def preload_modules(compiled: CompiledFlow) -> tuple[str, ...]:
    """What a process that forks the flow's tasks should import: what the steps do, and what their decorators name.

    Not for steps that a decorator keeps out of that process.
    """
    apart = {
        step
        for step, decorators in compiled.step_decorators.items()
        if not all(decorator.fork_safe for decorator in decorators)
    }
    named = [
        module
        for step, decorators in compiled.step_decorators.items()
        if step not in apart
        for decorator in decorators
        for module in decorator.preload()
    ]
    return tuple(dict.fromkeys([*imported_modules(compiled.flow_class, compiled.graph, skip=apart), *named]))


def imported_modules(flow_class: type[Any], graph: Graph, *, skip: Collection[str] = ()) -> tuple[str, ...]:
    """Modules that the bodies of the steps import by absolute names, each once, in the order of the steps.

    ``import a.b`` gives ``a.b``; ``from a import b`` gives ``a``, for ``b`` may be anything. What is only for type
    checkers isn't given.

    Parameters
    ----------
    skip
        Names of steps to leave out.
    """
    functions = steps_of(flow_class)
    found: dict[str, None] = {}
    for step in graph.nodes:
        source = source_of(functions[step]) if step in functions and step not in skip else None
        if source is not None:
            found.update(dict.fromkeys(_imports(source.node.body)))
    return tuple(found)


def _imports(body: Sequence[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            if not statement.level and statement.module and statement.module != "__future__":
                yield statement.module
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _nested_imports(statement)


def _nested_imports(statement: ast.stmt) -> Iterator[str]:
    """Imports in the blocks of an ``if``, ``with``, ``try`` or loop."""
    blocks = ["orelse"] if isinstance(statement, ast.If) and _is_type_checking(statement.test) else _BLOCKS
    for block in blocks:
        for inner in getattr(statement, block, ()):
            yield from _imports([inner] if isinstance(inner, ast.stmt) else inner.body)


_BLOCKS = ["body", "orelse", "finalbody", "handlers", "cases"]


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
    return name == "TYPE_CHECKING"
