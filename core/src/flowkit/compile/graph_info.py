"""The artifact ``_graph_info``: a flow's graph as plain values, for cards and other tools."""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from typing import Any

from flowkit.compile.compiler import CompiledFlow
from flowkit.model.graph import DecoratorSpec, Graph, Node

__all__ = ["graph_info"]

_TYPES = {"split": "split-static", "foreach": "split-foreach"}


def graph_info(compiled: CompiledFlow) -> dict[str, Any]:
    """The flow as a dict of strings, numbers, lists and dicts."""
    graph = compiled.graph
    return {
        "file": os.path.basename(compiled.file),
        "start_step": graph.start,
        "end_step": graph.end,
        "parameters": [
            *({"name": config.attribute, "type": "Config"} for config in compiled.configs),
            *({"name": parameter.attribute, "type": type(parameter).__name__} for parameter in compiled.parameters),
        ],
        "constants": [{"name": name, "type": type(value).__name__} for name, value in compiled.constants.items()],
        "steps": {node.name: _step(node) for node in graph},
        "graph_structure": _structure(graph),
        "doc": graph.doc,
        "decorators": [_decorator(decorator.shown(), is_step=False) for decorator in compiled.flow_decorators],
        "extensions": {},
    }


def _step(node: Node) -> dict[str, Any]:
    kind = "split-parallel" if node.parallel_foreach else _TYPES.get(node.type, node.type)
    info: dict[str, Any] = {
        "name": node.name,
        "type": kind,
        "line": node.line,
        "source_file": node.file,
        "doc": node.doc,
        "decorators": [_decorator(spec) for spec in node.decorators],
        "next": list(node.out_funcs),
        "node_info": {},
    }
    if kind == "split-foreach":
        info["foreach_artifact"] = node.foreach_param
    elif kind == "split-parallel":
        info["num_parallel"] = node.num_parallel
    elif kind == "split-switch":
        info["condition"] = node.condition
        info["switch_cases"] = dict(node.switch_cases)
    if node.matching_join:
        info["matching_join"] = node.matching_join
    return info


def _decorator(spec: DecoratorSpec, *, is_step: bool = True) -> dict[str, Any]:
    name, attributes = spec.name, _plain(spec.attributes)
    if spec.target is not None and is_step:
        target = spec.target if isinstance(spec.target, type) else type(spec.target)
        name = f"{target.__module__}.{target.__qualname__}"
        attributes = {"_args": _plain(spec.args), **attributes}
    return {
        "name": name,
        "attributes": attributes,
        "statically_defined": not spec.origin.startswith("--"),
        "inserted_by": None if spec.inserted_by is None else list(spec.inserted_by),
    }


def _plain(value: Any) -> Any:
    """``value`` in terms of JSON; what has no such form as its text."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes):
        return [_plain(item) for item in value]
    return str(value)


def _structure(graph: Graph) -> list[Any]:
    """Names of steps in a row; after a split, a list with the row of each branch."""
    if graph.start == graph.end:
        return [graph.end]
    return [*_row(graph, graph.start, graph.end, frozenset()), graph.end]


def _row(graph: Graph, first: str, last: str, seen: frozenset[str]) -> list[Any]:
    """From ``first`` to the step before ``last``. ``seen``: steps that a loop must not be followed into again."""
    row: list[Any] = []
    step = first
    while step != last and step not in seen:
        node = graph[step]
        seen |= {step}
        row.append(step)
        if node.type in ("split", "foreach") and node.matching_join is not None:
            join = node.matching_join
            if not node.parallel_foreach:
                row.append([_row(graph, branch, join, seen) for branch in node.out_funcs])
            step = join if not node.parallel_foreach else node.out_funcs[0]
        elif node.type == "split-switch":
            row.append([_row(graph, case, last, seen) for case in node.out_funcs if case not in seen])
            return row
        elif node.out_funcs:
            step = node.out_funcs[0]
        else:
            return row
    return row
