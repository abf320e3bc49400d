"""Where each slot of a layering stands, in pixels: joined slots above one another, none overlapping."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from flowkit_cards.graph.layering import Layering, Slot

__all__ = ["place_slots"]

_SWEEPS = 12


def place_slots(layering: Layering, width: Callable[[Slot], float], gap: float) -> Mapping[Slot, float]:
    """The middle of each slot; the leftmost slot's left side is at 0.

    Parameters
    ----------
    width
        How wide a slot is.
    gap
        Between two of one row, at least.
    """
    joined: dict[Slot, list[Slot]] = {}
    for path in layering.paths.values():
        for upper, lower in pairwise(path):
            joined.setdefault(upper, []).append(lower)
            joined.setdefault(lower, []).append(upper)
    middle: dict[Slot, float] = {}
    for row in layering.rows:
        middle |= dict(zip(row, _spread([0.0] * len(row), row, width, gap), strict=True))
    rows = [*range(len(layering.rows))]
    for sweep in range(_SWEEPS):
        for number in rows if sweep % 2 == 0 else reversed(rows):
            row = layering.rows[number]
            wanted = [_mean([middle[other] for other in joined.get(slot, ())], middle[slot]) for slot in row]
            middle |= dict(zip(row, _spread(wanted, row, width, gap), strict=True))
    left = min((middle[slot] - width(slot) / 2 for slot in middle), default=0.0)
    return {slot: at - left for slot, at in middle.items()}


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _spread(
    wanted: Sequence[float], row: Sequence[Slot], width: Callable[[Slot], float], gap: float
) -> Sequence[float]:
    """Places as near to the wanted ones as the order and the gaps allow (least squares: pool adjacent violators)."""
    offsets: list[float] = []
    at = 0.0
    for number, slot in enumerate(row):
        at += 0.0 if number == 0 else width(row[number - 1]) / 2 + gap + width(slot) / 2
        offsets.append(at)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            before, many = pools.pop()
            mean, count = (mean * count + before * many) / (count + many), count + many
        pools.append((mean, count))
    shifts = [mean for mean, count in pools for _ in range(count)]
    return [shift + offset for shift, offset in zip(shifts, offsets, strict=True)]
