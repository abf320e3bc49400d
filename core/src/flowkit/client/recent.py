"""What was used last, up to a number."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

__all__ = ["Recent"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by key, made when they are first asked for; the one that wasn't used for longest goes.

    Parameters
    ----------
    limit
        How many are kept; called when one is added.
    drop
        Called with a value that goes.
    """

    def __init__(self, limit: Callable[[], int], drop: Callable[[V], object] | None = None) -> None:
        self._limit = limit
        self._drop = drop
        self._kept: dict[K, V] = {}

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of a key."""
        if key in self._kept:
            # A dictionary is in the order in which keys were added.
            value = self._kept[key] = self._kept.pop(key)
            return value
        value = self._kept[key] = make()
        for oldest in list(self._kept)[: -self._limit()]:
            dropped = self._kept.pop(oldest)
            if self._drop is not None:
                self._drop(dropped)
        return value

    def __iter__(self) -> Iterator[V]:
        return iter(self._kept.values())
