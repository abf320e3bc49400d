"""``flowkit stubs``: what editors and type checkers need to know of the plugins that are installed."""

from __future__ import annotations

from pathlib import Path

import click

from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.errors import CommandError

__all__ = ["stubs"]


@click.command(short_help="Write types of what plugins add, for editors and type checkers.")
@click.option(
    "--output", metavar="DIR", cls=FlowkitOption, help="Write the folder flowkit-stubs below this one. [default: .]"
)
@click.option("--install", is_flag=True, help="Install it where this interpreter's packages are.")
@click.pass_context
def stubs(ctx: click.Context, output: str | None, install: bool) -> None:
    """Write the package flowkit-stubs: types of what installed plugins add to flowkit.

    With it, mypy, pyright and editors know the decorators, the modules and the names of current that plugins bring.
    Without it they know those of FlowKit itself. Write it again when plugins have come, gone or changed; pip uninstall
    flowkit-stubs removes what --install has written.
    """
    from flowkit.cli.stubs.package import make_stubs
    from flowkit.cli.stubs.writing import install_stubs, write_stubs

    if install and output is not None:
        raise CommandError("--install says where the stubs go, and so does --output: give one of them")
    context = app_context(ctx)
    package = make_stubs(context.registry)
    folder = install_stubs(package) if install else write_stubs(package, Path(output or "."))
    for line in package.unknown:
        context.console.error(f"no types are known of {line}")
    about = ", ".join(package.plugins) or "no plugins besides FlowKit's own"
    context.console.message(f"Types of what these bring: {about}")
    if not install:
        context.console.message("mypy and pyright find it where packages are: flowkit stubs --install")
    context.console.result(str(folder))
