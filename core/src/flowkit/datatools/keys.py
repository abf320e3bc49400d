"""How callers of data tools name what they want to get and put, in more than a key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["GetObject", "PutObject", "RangeInfo", "key_of"]


class GetObject(NamedTuple):
    """A range of an object.

    With a negative ``length``, the last so many bytes; with none, all from ``offset`` on.
    """

    key: str
    #: Bytes from the beginning; None for 0.
    offset: int | None = None
    #: Bytes.
    length: int | None = None


class PutObject(NamedTuple):
    """An object to store: its content, or the path of a file that has it, and what is stored with it."""

    key: str
    value: Any = None
    path: str | None = None
    content_type: str | None = None
    encryption: str | None = None
    #: Anything that JSON can carry.
    metadata: Mapping[str, Any] | None = None


class RangeInfo(NamedTuple):
    """Which part of an object was fetched. All are bytes."""

    total_size: int
    request_offset: int = 0
    request_length: int = -1


def key_of(key: Any) -> str | None:
    """The key itself, of a key or of something that has one."""
    found = getattr(key, "key", key)
    return None if found is None else str(found)
