"""Who may ask the viewer for what."""

from __future__ import annotations

import hashlib
import hmac
import secrets

__all__ = ["Access"]


class Access:
    """A token for the viewer's own page, and a ticket for each card that is made from it.

    A card's own scripts can read their address: the ticket in it opens that card alone.
    """

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(24)

    def allows(self, token: str) -> bool:
        """Whether this is the token."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def ticket(self, card: str) -> str:
        """What opens one card."""
        return hmac.new(self.token.encode(), card.encode(), hashlib.sha256).hexdigest()

    def allows_card(self, ticket: str, card: str) -> bool:
        """Whether this is the card's ticket."""
        return hmac.compare_digest(ticket.encode(), self.ticket(card).encode())

    @staticmethod
    def is_own_host(host: str, port: int) -> bool:
        """Whether a request was made to this machine by name: a foreign name that leads here is a trick."""
        return host in (f"127.0.0.1:{port}", f"localhost:{port}")
