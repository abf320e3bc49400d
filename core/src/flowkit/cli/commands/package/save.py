"""``package save``: the archive as a file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from flowkit.cli.commands.package.flow_code import flow_code
from flowkit.cli.flow_group import flow_context
from flowkit.errors import PackagingError
from flowkit.packaging.size import SizeLimits, shown_size
from flowkit.packaging.storing import pack_code

__all__ = ["save"]


@click.command(name="save", help="Write the archive that a run stores, a .tar.gz, to PATH.")
@click.argument("path", metavar="PATH")
@click.pass_context
def save(ctx: click.Context, path: str) -> None:
    """Write the file."""
    context = flow_context(ctx)
    package = pack_code(flow_code(context), SizeLimits.of(context.settings))
    content = package.archive.content
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise PackagingError(f"{path} can't be written: {error.strerror}") from None
    if package.warning:
        context.console.error(package.warning, fg="yellow")
    context.console.message(f"{len(package.selection.paths)} files are in {path}, {shown_size(len(content))}")
