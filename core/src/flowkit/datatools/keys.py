"""How callers of data tools name what they want to get and put, in more than a key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from flowkit.datatools.error_family import ErrorFamily

__all__ = ["GetObject", "PutObject", "RangeInfo", "key_of", "pair_of", "several"]

T = TypeVar("T")


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


def several(given: Iterable[T], what: str, errors: ErrorFamily) -> Iterable[T]:
    """``given``, which must be several keys or pairs. Raises the family's ``url`` for one that isn't in a list.

    Parameters
    ----------
    what
        Is in the list, for the message.
    """
    # Each letter of a text would be a key, and each field of a named tuple.
    if isinstance(given, str | bytes) or hasattr(given, "key") or not isinstance(given, Iterable):
        raise errors.url(f"give a list of {what}, not {given!r}: [{given!r}] is a list of one")
    return given


def pair_of(given: Any, what: str, errors: ErrorFamily) -> tuple[Any, Any]:
    """A key and what goes with it. Raises the family's ``url`` if it isn't two."""
    if isinstance(given, tuple | list) and len(given) == 2:
        return given[0], given[1]
    # Not the whole of it: it may be all that is to be stored.
    raise errors.url(f"{str(given)[:80]!r} is no pair: give a list of {what}")
