"""The order of plugins: what they say of each other, else by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["OrderCycle", "in_order"]


class OrderCycle(Exception):
    """Plugins that each want to be before the next; ``names`` closes the ring."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(" before ".join(self.names))


def in_order(before: Mapping[str, Sequence[str]], after: Mapping[str, Sequence[str]]) -> list[str]:
    """Names such that each stands before those in ``before[name]`` and after those in ``after[name]``.

    Of those that could come next, the first by name comes. Names of plugins that aren't there don't count.

    >>> in_order({"a": (), "b": (), "c": ("a",)}, {"a": (), "b": (), "c": ()})
    ['b', 'c', 'a']

    Raises
    ------
    OrderCycle
        If there is no such order.
    """
    waits_for: dict[str, set[str]] = {name: set() for name in before}
    for name, others in before.items():
        for other in others:
            if other in waits_for:
                waits_for[other].add(name)
    for name, others in after.items():
        waits_for[name].update(other for other in others if other in waits_for)
    order: list[str] = []
    while waits_for:
        ready = min((name for name, needed in waits_for.items() if not needed), default=None)
        if ready is None:
            raise OrderCycle(_ring(waits_for))
        order.append(ready)
        del waits_for[ready]
        for needed in waits_for.values():
            needed.discard(ready)
    return order


def _ring(waits_for: Mapping[str, set[str]]) -> list[str]:
    """One cycle, each name before the next."""
    trail = [min(waits_for)]
    while True:
        needed = min(waits_for[trail[-1]])
        if needed in trail:
            ring = [*trail[trail.index(needed) :], needed]
            return ring[::-1]
        trail.append(needed)
