"""``version``: which FlowKit this is."""

from __future__ import annotations

import click

from flowkit.cli.group import app_context
from flowkit.version import __version__

__all__ = ["version"]


@click.command(help="Show the version of FlowKit.")
@click.pass_context
def version(ctx: click.Context) -> None:
    """Write the version to stdout."""
    app_context(ctx).console.result(f"FlowKit {__version__}")
