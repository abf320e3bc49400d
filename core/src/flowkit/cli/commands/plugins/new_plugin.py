"""``flowkit plugins new``: a distribution to begin with, whose tests pass."""

from __future__ import annotations

from pathlib import Path

import click

from flowkit.cli.commands.plugins.scaffold import PARTS, Scaffold
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption

__all__ = ["new_plugin"]


@click.command("new", short_help="Write a new plugin, with tests that pass.")
@click.argument("name")
@click.option(
    "--kind",
    "kinds",
    cls=FlowkitOption,
    multiple=True,
    metavar="KIND[,KIND…]",
    help=f"What it offers: {', '.join(PARTS)} (repeatable). [default: step-decorator]",
)
@click.option("--path", metavar="DIR", help="Where to write it. [default: ./flowkit-NAME]")
@click.option("--json", "as_json", cls=FlowkitOption, is_flag=True, help="Write one JSON object in place of text.")
@click.pass_context
def new_plugin(ctx: click.Context, name: str, kinds: tuple[str, ...], path: str | None, as_json: bool) -> None:
    """Write a new plugin: a distribution with a small working example of each KIND, and tests of them that pass.

    Nothing that is there is overwritten.
    """
    context = app_context(ctx)
    console = context.console
    wanted = [kind.strip() for text in kinds for kind in text.split(",") if kind.strip()]
    scaffold = Scaffold.make(name, wanted or ["step-decorator"])
    scaffold.check(context.registry)
    folder = Path(path if path is not None else scaffold.distribution)
    files = scaffold.write(folder)
    if as_json:
        import json

        facts = {"name": scaffold.name, "distribution": scaffold.distribution, "path": str(folder)}
        console.result(json.dumps({**facts, "files": [str(file) for file in files]}, indent=2))
        return
    for file in files:
        console.result(str(file))
    console.message(f"Test it with: cd {folder} && pytest; install it with: pip install -e {folder}")
