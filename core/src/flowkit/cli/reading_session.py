"""A session that reads runs of a flow whose file isn't at hand, for commands of ``flowkit``."""

from __future__ import annotations

from typing import Any

import click

from flowkit.cli.context import AppContext
from flowkit.cli.options import FlowkitOption
from flowkit.compile.compiler import CompiledFlow
from flowkit.engine.session import Session
from flowkit.ids import Pathspec
from flowkit.model.graph import Graph

__all__ = ["metadata_option", "reading_session", "run_of"]


def metadata_option(command: Any) -> Any:
    """``--metadata``, for a command that reads runs."""
    return click.option(
        "--metadata",
        cls=FlowkitOption,
        metavar="NAME[@LOCATION]",
        help="Where runs are recorded. [default: what the configuration says]",
    )(command)


def reading_session(context: AppContext, flow: str, metadata: str | None = None) -> Session:
    """A session that knows no more of the flow than its name. The caller closes it.

    Raises
    ------
    UnknownCapability
        If no plugin provides that metadata.
    """
    if metadata:
        context.registry.entry("metadata_providers", metadata.partition("@")[0])
    compiled = CompiledFlow(object, flow, "", Graph(flow, "", {}, "", ""), {}, (), (), {}, ())
    return Session(context.registry, context.settings, compiled, metadata=metadata)


def run_of(text: str) -> tuple[str, str]:
    """Flow and run of ``Flow/run``. Raises InvalidPathspec."""
    flow, run_id = Pathspec.parse(text, "run").components
    return flow, run_id
