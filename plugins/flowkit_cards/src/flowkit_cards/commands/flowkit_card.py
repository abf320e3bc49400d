"""``flowkit card …``."""

from __future__ import annotations

from typing import Any

import click

from flowkit.plugin import AppContext
from flowkit_cards.commands.options import selecting
from flowkit_cards.commands.view import selection_of
from flowkit_cards.errors import CardsError

__all__ = ["card"]

_PATH = "FLOW/STEP of its newest run, FLOW/RUN/STEP or FLOW/RUN/STEP/TASK"


@click.group(help="Show the cards of tasks of any flow.")
@click.pass_context
def card(ctx: click.Context) -> None:
    """All of the commands name the flow."""


@card.command(help=f"Open a card in the browser: {_PATH}.")
@click.argument("path")
@selecting
@click.pass_context
def view(ctx: click.Context, /, path: str, **given: Any) -> None:
    """Open a card."""
    from flowkit_cards.commands.view import view_card

    view_card(_context(ctx), *_split(path), selection_of(given))


@card.command(help=f"Write a card's HTML to stdout, or to FILE: {_PATH}.")
@click.argument("path")
@click.argument("file", required=False)
@selecting
@click.pass_context
def get(ctx: click.Context, /, path: str, file: str | None, **given: Any) -> None:
    """Write a card."""
    from flowkit_cards.commands.get import get_card

    get_card(_context(ctx), *_split(path), file, selection_of(given))


@card.command("list", help=f"List cards: FLOW for its newest run, {_PATH}.")
@click.argument("path")
@selecting
@click.option("--as-json", is_flag=True, help="Write them as JSON.")
@click.option("--file", metavar="FILE", help="Write the JSON there.")
@click.pass_context
def list_(ctx: click.Context, /, path: str, as_json: bool, file: str | None, **given: Any) -> None:
    """List cards."""
    from flowkit_cards.commands.list import list_cards

    flow, _, rest = path.strip("/").partition("/")
    list_cards(_context(ctx), flow, rest or None, selection_of(given), as_json=as_json, target=file)


@card.command(help="Show the cards of all flows' runs in the browser, those of running tasks as they change.")
@click.argument("path", required=False, metavar="[FLOW[/RUN]]")
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
def server(ctx: click.Context, /, path: str | None, port: int, **given: Any) -> None:
    """Serve cards."""
    from flowkit_cards.commands.serve import serve_cards

    flow, _, run_id = (path or "").strip("/").partition("/")
    serve_cards(_context(ctx), flow or None, run_id or None, port=port, **given)


def _context(ctx: click.Context) -> AppContext:
    context = ctx.find_object(AppContext)
    if context is None:
        raise TypeError("a command of FlowKit needs its context as click's ctx.obj")
    return context


def _split(path: str) -> tuple[str, str]:
    flow, _, rest = path.strip("/").partition("/")
    if not rest:
        raise CardsError(f"{path!r} is not of the form {_PATH}")
    return flow, rest
