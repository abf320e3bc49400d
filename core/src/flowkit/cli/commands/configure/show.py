"""``configure show``: what a configuration file sets."""

from __future__ import annotations

import click

from flowkit.cli.commands.configure.target import target_file, target_options
from flowkit.cli.config_file import as_text, masked, read_file
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption

__all__ = ["show"]


@click.command(help="Show what a configuration file sets. Secrets are masked.")
@target_options
@click.option("--json", "as_json", cls=FlowkitOption, is_flag=True, help="Write one JSON object in place of text.")
@click.pass_context
def show(ctx: click.Context, profile: str | None, project: bool, as_json: bool) -> None:
    """Write names and values to stdout, and the file's name to stderr."""
    console = app_context(ctx).console
    path = target_file(ctx, profile, project=project)
    values = {name: masked(name, value) for name, value in read_file(path).items()}
    if as_json:
        import json

        console.result(json.dumps(values, indent=2, ensure_ascii=False))
        return
    console.message(f"{path}{'' if values else ' sets nothing' if path.exists() else ' does not exist'}", bold=True)
    for name, value in values.items():
        console.result(f"{name}={as_text(value)}")
