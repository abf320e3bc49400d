"""The graph, the code and the output of a task, as parts of a card."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowkit_cards.components.base import Form
from flowkit_cards.components.code import PythonCode
from flowkit_cards.components.dag import DAG
from flowkit_cards.components.log import Log
from flowkit_cards.graph.plain import graph_from_info
from flowkit_cards.graph.states import with_states

if TYPE_CHECKING:
    from flowkit import Task

__all__ = ["code_section", "graph_section", "log_section"]


def graph_section(task: Task, *, is_final: bool) -> Sequence[Form]:
    """The flow's graph with the states of its steps; nothing for a flow of one step."""
    info: Mapping[str, Any] = task["_graph_info"].data if "_graph_info" in task else {}
    if len(info.get("steps", ())) < 2:
        return ()
    graph = with_states(graph_from_info(info, task.path_components[2]), task.parent.parent, task if is_final else None)
    return [_section("Graph", DAG(graph).render())]


def code_section(task: Task, flow: Any) -> Sequence[Form]:
    """The step's source, from the flow's file; nothing if that isn't here."""
    info: Mapping[str, Any] = task["_graph_info"].data if "_graph_info" in task else {}
    step = info.get("steps", {}).get(task.path_components[2], {})
    if flow is not None:
        code = PythonCode(getattr(type(flow), task.path_components[2], None)).render()
        return [_section("Code", code)] if code["type"] == "pythonCode" else ()
    source = _function(str(step.get("source_file", "")), task.path_components[2], int(step.get("line", 0)))
    return [_section("Code", PythonCode(code_string=source).render())] if source else ()


def log_section(task: Task) -> Sequence[Form]:
    """What the task wrote until the card was made; nothing if that is nothing."""
    streams = [(name, text) for name, text in (("stdout", task.stdout), ("stderr", task.stderr)) if text.strip()]
    if not streams:
        return ()
    contents: list[Form] = []
    for name, text in streams:
        if len(streams) > 1:
            contents.append({"type": "heading", "level": 1, "text": name})
        contents.append(Log(text).render())
    return [{"type": "section", "title": "Output", "contents": contents}]


def _function(file: str, name: str, line: int) -> str:
    try:
        source = Path(file).read_text(encoding="utf-8")
        tree = ast.parse(source)
    except (OSError, ValueError, SyntaxError):
        return ""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if first <= line <= (node.end_lineno or line):
                from textwrap import dedent

                return dedent("\n".join(source.splitlines()[first - 1 : node.end_lineno]))
    return ""


def _section(title: str, form: Form) -> Form:
    return {"type": "section", "title": title, "contents": [form]}
