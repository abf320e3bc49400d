"""``configure export``: a configuration file, copied to where another machine can import it from."""

from __future__ import annotations

from pathlib import Path

import click

from flowkit.cli.commands.configure.target import target_file, target_options
from flowkit.cli.config_file import read_file, write_file
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.errors import ConfigurationError

__all__ = ["export_file"]


@click.command("export", help="Copy a configuration file, secrets included, to FILE; - is stdout.")
@click.argument("file")
@target_options
@click.option("--force", cls=FlowkitOption, is_flag=True, help="Replace FILE if it exists.")
@click.pass_context
def export_file(ctx: click.Context, file: str, profile: str | None, project: bool, force: bool) -> None:
    """Write a file that only its owner can read."""
    console = app_context(ctx).console
    source = target_file(ctx, profile, project=project)
    if not source.exists():
        raise ConfigurationError(f"there is no {source} to export")
    values = read_file(source)
    if file == "-":
        import json

        console.result(json.dumps(values, indent=2, ensure_ascii=False))
        return
    path = Path(file) / source.name if Path(file).is_dir() else Path(file)
    if path.exists() and not force:
        raise ConfigurationError(f"{path} exists already: name another file, or give --force to replace it")
    write_file(path, values)
    console.message(f"{source} was exported to {path}")
