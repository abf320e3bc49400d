"""``flowkit service token``."""

from __future__ import annotations

from flowkit.plugin import AppContext
from flowkit_service import local_service

__all__ = ["show_token"]


def show_token(context: AppContext, *, new: bool) -> None:
    """Write the token to stdout; one is made if there is none."""
    settings = context.settings
    token = None if new else local_service.kept_token(settings)
    if token is None:
        token = local_service.new_token(settings)
        context.console.message("A new token: services that run take it when they are started again.")
    context.console.result(token)
