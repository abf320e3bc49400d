"""The group ``flowkit service``."""

from __future__ import annotations

from typing import Any

import click

from flowkit.plugin import AppContext

__all__ = ["service"]

_DATABASE = click.option(
    "--database",
    metavar="URL",
    help="postgresql://USER@HOST/DATABASE, or an SQLite file. Else FLOWKIT_SERVICE_DATABASE, or an own SQLite file.",
)


@click.group(help="Run a metadata service, and look after one.")
def service() -> None:
    """Each command is in a module of its own."""


@service.command(help="Start a service and answer until Ctrl-C or SIGTERM. With no options: on this machine alone.")
@_DATABASE
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--token-file", type=click.Path(dir_okay=False), help="File whose text is the token.")
@click.option("--no-token", is_flag=True, help="Let everybody in who can reach it.")
@click.option(
    "--connections", type=click.IntRange(min=1), default=10, show_default=True, help="To PostgreSQL, at most."
)
@click.option("--access-log", is_flag=True, help="Write a line of JSON to stderr for each request.")
@click.option("--no-migrate", is_flag=True, help="Don't make or change tables; `flowkit service migrate` does.")
@click.option("--plain", is_flag=True, help="Offer what Netflix's metaflow-service does, and nothing more.")
@click.pass_context
def up(ctx: click.Context, /, **given: Any) -> None:
    """Start a service."""
    from flowkit_service.commands.up import start

    start(_context(ctx), **given)


@service.command(help="Bring the tables of a database up to this version. Safe while services run.")
@_DATABASE
@click.pass_context
def migrate(ctx: click.Context, /, database: str | None) -> None:
    """Migrate a database."""
    from flowkit_service.commands.migrate import migrate_database

    migrate_database(_context(ctx), database)


@service.command(help="Print the token of this machine's services.")
@click.option("--new", is_flag=True, help="Make another one first; services take it when they are started again.")
@click.pass_context
def token(ctx: click.Context, /, new: bool) -> None:
    """Print the token."""
    from flowkit_service.commands.token import show_token

    show_token(_context(ctx), new=new)


@service.command(help="Ask the service that is configured how it is: where, which version, runs, dead runs.")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object in place of text.")
@click.pass_context
def status(ctx: click.Context, /, as_json: bool) -> None:
    """Show the service's state."""
    from flowkit_service.commands.status import show_status

    show_status(_context(ctx), as_json=as_json)


def _context(ctx: click.Context) -> AppContext:
    context = ctx.find_object(AppContext)
    if context is None:
        raise TypeError("a command of FlowKit needs its context as click's ctx.obj")
    return context
