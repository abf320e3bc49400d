"""``card server``."""

from __future__ import annotations

from flowkit.plugin import AppContext
from flowkit_cards.commands.finding import find_run

__all__ = ["serve_cards"]


def serve_cards(
    context: AppContext,
    flow: str | None,
    run_id: str | None,
    *,
    port: int,
    user_namespace: str | None,
    poll_interval: float,
    max_cards: int,
) -> None:
    """Show cards in a browser until interrupted."""
    from flowkit import namespace
    from flowkit_cards.server.app import CardServer

    if user_namespace is not None:
        namespace(user_namespace or None)
    if flow is not None and run_id is not None:
        find_run(flow, run_id)
    server = CardServer(flow=flow, run_id=run_id, port=port, poll_interval=poll_interval, max_cards=max_cards)
    with server:
        context.console.message("Cards are shown at the address below, on this machine only, until Ctrl-C.")
        context.console.result(server.url)
        try:
            server.serve()
        except KeyboardInterrupt:
            context.console.message("Stopped")
