"""Who may use the service."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

import attrs

__all__ = ["Access"]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@attrs.frozen
class Access:
    """Lets requests through that have the token, as ``x-api-key`` or as ``Authorization: Bearer``.

    Without a token, and reached from this machine alone, the service answers only requests that name this machine: a
    page in a browser, whose foreign name was made to lead here, names another.
    """

    token: str | None = None
    loopback_only: bool = True

    def refusal(self, headers: Mapping[bytes, bytes]) -> tuple[int, str] | None:
        """Status and message for a request that isn't let through."""
        if self.token is None:
            host = headers.get(b"host", b"").decode("latin-1")
            name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
            if self.loopback_only and name.strip("[]") not in _LOOPBACK:
                return 403, f"this service answers on this machine alone, and was asked as {host!r}"
            return None
        given = headers.get(b"x-api-key", b"")
        scheme, _, value = headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() == b"bearer":
            given = given or value.strip()
        if hmac.compare_digest(given, self.token.encode()):
            return None
        said = "the token isn't this service's" if given else "a token is needed"
        return 401, f"{said}: set FLOWKIT_SERVICE_AUTH_KEY (METAFLOW_SERVICE_AUTH_KEY) to what it printed at its start"
