"""Services that can't be reached: why that is, and for how long it is tried."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import urlsplit

from flowkit.authoring.current import current

__all__ = ["Patience", "patience_for", "unreachable_reason"]

#: Seconds. With the pause before the last attempt, a command says within ten that the address may be wrong.
_AT_FIRST = 4.0
#: Where SDKs and their libraries keep the error that theirs came from.
_INNER = ("__cause__", "__context__", "reason", "cause", "inner_exception")


def unreachable_reason(error: BaseException) -> str:
    """Why no connection was made: ``connection refused``, ``unknown host``, …; empty if ``error`` says nothing such.

    Looks at the errors that it came from, too.
    """
    found = list(_chain(error))
    names = " ".join(type(one).__name__ for one in found)
    reason = next(filter(None, map(_reason, found)), "")
    if not reason and "ConnectTimeout" in names:
        reason = "no answer to an attempt to connect"
    return f"the proxy that HTTP_PROXY or HTTPS_PROXY names: {reason}" if reason and "Proxy" in names else reason


def _reason(error: BaseException) -> str:
    # Who raised an error of it has loaded it; a command that reaches for nothing has no need of it.
    import socket

    if isinstance(error, socket.gaierror):
        return "unknown host"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, OSError) and "unreachable" in str(error.strerror):
        return "no route to the host"
    return ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    waiting, seen = [error], {id(error)}
    while waiting:
        one = waiting.pop(0)
        yield one
        inner = [getattr(one, name, None) for name in _INNER]
        for other in (*inner, *one.args):
            if isinstance(other, BaseException) and id(other) not in seen:
                seen.add(id(other))
                waiting.append(other)


class Patience:
    """How long it is tried to reach a service that refuses connections, or whose host isn't known.

    A service that has answered once will be there again: all the SDK's attempts are made. One that never has is more
    likely named wrongly: this ends after seconds. A task asks no less patiently than the run that started it, which was
    answered before it did.

    Parameters
    ----------
    clock
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._has_answered = False
        self._since: float | None = None

    def answered(self) -> None:
        """Note that the service has answered, whatever it said."""
        self._has_answered = True

    def is_at_end(self, error: BaseException) -> bool:
        """Whether there is to be no other attempt after this one's ``error``."""
        if self._has_answered or current.is_running_flow or not unreachable_reason(error):
            return False
        if self._since is None:
            self._since = self._clock()
        return self._clock() - self._since >= _AT_FIRST


def patience_for(url: str) -> Patience:
    """The patience of this process with the server that ``url`` names. A forked child knows what its parent knew."""
    parts = urlsplit(url)
    return _patience_for(f"{parts.scheme}://{parts.netloc}")


@cache
def _patience_for(_: str) -> Patience:
    return Patience()
