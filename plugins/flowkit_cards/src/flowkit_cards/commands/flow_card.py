"""``python flow.py card …``."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import click

from flowkit.plugin import FlowContext
from flowkit_cards.commands.options import selecting
from flowkit_cards.commands.view import PATH_HELP, path_argument, selection_of

__all__ = ["card"]


@click.group(help="Show the cards of this flow's tasks.")
@click.pass_context
def card(ctx: click.Context) -> None:
    """Read what the flow's own options say."""
    from flowkit.client import metadata

    with closing(_context(ctx).session()) as session:
        metadata(f"{session.metadata.name}@{session.metadata.location}")


@card.command(help=f"Open a card in the browser: {PATH_HELP}.")
@path_argument
@selecting
@click.pass_context
def view(ctx: click.Context, /, path: str, **given: Any) -> None:
    """Open a card."""
    from flowkit_cards.commands.view import view_card

    view_card(_context(ctx), _flow(ctx), path, selection_of(given))


@card.command(help=f"Write a card's HTML to stdout, or to FILE: {PATH_HELP}.")
@path_argument
@click.argument("file", required=False)
@selecting
@click.pass_context
def get(ctx: click.Context, /, path: str, file: str | None, **given: Any) -> None:
    """Write a card."""
    from flowkit_cards.commands.get import get_card

    get_card(_context(ctx), _flow(ctx), path, file, selection_of(given))


@card.command("list", help=f"List cards of the newest run, or of {PATH_HELP}.")
@click.argument("path", required=False)
@selecting
@click.option("--as-json", is_flag=True, help="Write them as JSON.")
@click.option("--file", metavar="FILE", help="Write the JSON there.")
@click.pass_context
def list_(ctx: click.Context, /, path: str | None, as_json: bool, file: str | None, **given: Any) -> None:
    """List cards."""
    from flowkit_cards.commands.list import list_cards

    list_cards(_context(ctx), _flow(ctx), path, selection_of(given), as_json=as_json, target=file)


@card.command(help="Make a card of a task that is done: RUN/STEP/TASK.")
@path_argument
@click.option("--type", "type_", default="default", show_default=True, metavar="TYPE", help="Which kind of card.")
@click.option("--id", "id_", metavar="ID", help="What the card is called.")
@click.option("--options", metavar="JSON", help="Options of the type.")
@click.option("--timeout", type=click.FloatRange(min=0), default=45, show_default=True, metavar="SECONDS")
@click.option(
    "--render-error-card/--no-render-error-card",
    default=False,
    show_default=True,
    help="If it can't be made, store a card that says why.",
)
@click.option("--component-file", metavar="FILE", help="JSON list of components to put into it.")
@click.pass_context
def create(
    ctx: click.Context,
    /,
    path: str,
    type_: str,
    id_: str | None,
    options: str | None,
    timeout: float,
    render_error_card: bool,
    component_file: str | None,
) -> None:
    """Make a card."""
    from flowkit_cards.commands.create import Wanted, create_card

    wanted = Wanted(type_, id_, options, timeout, render_error_card, component_file)
    create_card(_context(ctx), _flow(ctx), path, wanted)


@card.command(help="Show the cards of runs in the browser, those of running tasks as they change.")
@click.option("--run-id", metavar="RUN", help="Begin with this run. [default: the newest]")
@click.option("--port", type=click.IntRange(0, 65535), default=8324, show_default=True, help="0 takes a free one.")
@click.option("--namespace", "user_namespace", metavar="TAG", help="Whose runs; empty for everybody's.")
@click.option(
    "--poll-interval",
    type=click.FloatRange(min=0.1),
    default=1,
    show_default=True,
    metavar="SECONDS",
    help="How often to look for changes.",
)
@click.option("--max-cards", type=click.IntRange(min=1), default=30, show_default=True, help="Shown at once, at most.")
@click.pass_context
def server(ctx: click.Context, /, run_id: str | None, port: int, **given: Any) -> None:
    """Serve cards."""
    from flowkit_cards.commands.serve import serve_cards

    serve_cards(_context(ctx), _flow(ctx), run_id, port=port, **given)


def _context(ctx: click.Context) -> FlowContext:
    context = ctx.find_object(FlowContext)
    if context is None:
        raise TypeError("a command of FlowKit needs its context as click's ctx.obj")
    return context


def _flow(ctx: click.Context) -> str:
    return str(_context(ctx).compiled.name)
