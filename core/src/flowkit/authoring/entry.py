"""References to higher layers, by name: what a flow's class needs of the layers that are built on it.

These are the only ones in this package; the architecture test that lists them reads this table.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flowkit.model.graph import Graph

__all__ = ["BUILD_GRAPH", "RUN_FLOW", "RUN_TASK", "enter", "graph_of", "only_importing"]

#: Runs the command line of a flow.
RUN_FLOW = "flowkit.cli.main:run_flow"
#: Runs the one task that the environment variable FLOWKIT_TASK names.
RUN_TASK = "flowkit.task.main:run_flow_task"
#: The graph of a flow class that runs nothing.
BUILD_GRAPH = "flowkit.compile.graph_builder:graph_of"

_only_importing: ContextVar[bool] = ContextVar("only_importing", default=False)


@contextmanager
def only_importing() -> Iterator[None]:
    """While entered, ``MyFlow()`` at the end of a script does nothing: the script is read for its types alone."""
    token = _only_importing.set(True)
    try:
        yield
    finally:
        _only_importing.reset(token)


def enter(flow_class: type[Any]) -> None:
    """What ``MyFlow()`` at the end of a script does: the command line, or one task for a process that was told to."""
    if _only_importing.get():
        return
    _resolve(RUN_TASK if os.environ.get("FLOWKIT_TASK") else RUN_FLOW)(flow_class)


def graph_of(flow_class: type[Any]) -> Graph:
    """The graph of ``flow_class`` as its source says, valid or not."""
    graph: Graph = _resolve(BUILD_GRAPH)(flow_class)
    return graph


def _resolve(reference: str) -> Any:
    from importlib import import_module

    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)
