"""What a service answers, in terms that all services share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

__all__ = ["ConnectionDropped", "Download", "ObjectChanged", "RemoteObject"]


class ConnectionDropped(Exception):
    """A download ended before its end; the rest may be asked for again."""


class ObjectChanged(Exception):
    """The object isn't the version that was asked for: what was read of another one is worth nothing."""


@attrs.frozen
class RemoteObject:
    """An object as a listing or a HEAD request shows it."""

    name: str
    #: Bytes.
    size: int
    #: Seconds since the epoch.
    modified_at: float


@attrs.frozen
class Download:
    """The answer to a request for an object or a range of it, its content still on the way."""

    #: Bytes of the whole object.
    total: int
    #: What tells this state of the object from others: an etag or a generation.
    version: str
    #: The content; raises ConnectionDropped.
    pieces: Iterator[bytes]
    #: Gives the connection back, whether all was read or not.
    close: Callable[[], object]
