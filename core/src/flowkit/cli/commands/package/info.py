"""``package info``: what a run would store of the flow's code."""

from __future__ import annotations

import click

from flowkit.cli.commands.package.flow_code import flow_code
from flowkit.cli.flow_group import flow_context
from flowkit.packaging.git import Repository
from flowkit.packaging.selection import IGNORE_FILE
from flowkit.packaging.size import SizeLimits, shown_size
from flowkit.packaging.storing import pack_code
from flowkit.version import __version__

__all__ = ["info"]


@click.command(name="info", help="Show size, hash and origin of the code that a run stores.")
@click.pass_context
def info(ctx: click.Context) -> None:
    """Write the facts to stdout."""
    context = flow_context(ctx)
    source = flow_code(context)
    package = pack_code(source, SizeLimits.of(context.settings))
    selection = package.selection
    repository = Repository.of(source.folder)
    rows = [
        ("flow", f"{source.flow} in {source.script}"),
        ("folder", source.folder),
        ("suffixes", " ".join(dict.fromkeys(source.suffixes))),
        ("files", f"{len(selection.paths)}, {shown_size(selection.size)}"),
        ("left out", _left_out(selection.ignored)),
        ("packed", shown_size(len(package.archive.content))),
        ("SHA-256", package.archive.sha256),
        ("FlowKit", __version__),
    ]
    facts = repository.facts() if repository is not None else {}
    rows += [(f"git {name}", str(value)) for name, value in sorted(facts.items())]
    width = max(len(name) for name, _ in rows)
    for name, value in rows:
        context.console.result(f"{name:<{width}}  {value}")
    if package.warning:
        context.console.error(package.warning, fg="yellow")


def _left_out(ignored: set[str]) -> str:
    if not ignored:
        return "nothing"
    shown = ", ".join(sorted(ignored)[:5])
    more = f" and {len(ignored) - 5} more" if len(ignored) > 5 else ""
    return f"{shown}{more} (.gitignore or {IGNORE_FILE})"
