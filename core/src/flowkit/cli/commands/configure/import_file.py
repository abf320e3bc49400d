"""``configure import``: settings from a file into a configuration file."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from flowkit.cli.commands.configure.target import target_file, target_options
from flowkit.cli.config_file import parse_values, read_file, write_file
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.errors import ConfigurationError
from flowkit.settings import check_values

__all__ = ["import_file"]


@click.command("import", help="Take over the settings of FILE, one JSON object; - is stdin.")
@click.argument("file")
@target_options
@click.option(
    "--replace/--merge",
    cls=FlowkitOption,
    default=False,
    help="Drop what the configuration has now, or keep what FILE doesn't set (the default).",
)
@click.pass_context
def import_file(ctx: click.Context, file: str, profile: str | None, project: bool, replace: bool) -> None:
    """Merge settings, or replace them; all are checked before any is written."""
    target = target_file(ctx, profile, project=project)
    name = "stdin" if file == "-" else file
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{name} can't be read: {error.strerror}") from None
    values = parse_values(content, name)
    check_values(values, name)
    before = {} if replace else read_file(target)
    # An empty value is no value: merging one takes a setting away.
    merged = {key: value for key, value in {**before, **values}.items() if value not in (None, "")}
    write_file(target, merged)
    count = len(values)
    app_context(ctx).console.message(f"{count} setting{'' if count == 1 else 's'} of {name} went into {target}")
