"""Where the code of the command line's flow is taken from."""

from __future__ import annotations

from flowkit.cli.context import FlowContext
from flowkit.packaging.selection import CodeSource
from flowkit.packaging.storing import code_source

__all__ = ["flow_code"]


def flow_code(context: FlowContext) -> CodeSource:
    """As a run would take it. Raises PackagingError."""
    return code_source(context.compiled, (*context.settings.package_suffixes, *context.package_suffixes))
