"""Which row each step of a graph stands in, and in which order: few crossings, no long way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import attrs

__all__ = ["Layering", "Slot", "layer_graph"]

_SWEEPS = 8


@attrs.frozen
class Slot:
    """A place in a row: a step, or a point that an arrow over several rows passes through."""

    row: int
    #: The step; empty for a point of an arrow.
    step: str = ""
    #: The arrow that passes: its number among all.
    arrow: int = -1


@attrs.frozen
class Layering:
    """Rows of slots, and the slots that each arrow goes through, from the upper one to the lower one."""

    rows: Sequence[Sequence[Slot]]
    paths: Mapping[int, Sequence[Slot]]
    #: Arrows that lead back to a step above, or to their own step (which have no path).
    back: frozenset[int]


def layer_graph(steps: Sequence[str], arrows: Sequence[tuple[str, str]]) -> Layering:
    """Arrange steps (the first one on top) and the arrows between them."""
    back = _back_arrows(steps, arrows)
    row_of = _rows(steps, [pair for number, pair in enumerate(arrows) if number not in back])
    slots = {step: Slot(row_of[step], step) for step in steps}
    rows: list[list[Slot]] = [[] for _ in range(max(row_of.values(), default=-1) + 1)]
    for step in steps:
        rows[row_of[step]].append(slots[step])
    paths: dict[int, list[Slot]] = {}
    for number, pair in enumerate(arrows):
        upper, lower = reversed(pair) if number in back else pair
        if upper == lower:
            continue
        points = [Slot(row, "", number) for row in range(row_of[upper] + 1, row_of[lower])]
        for point in points:
            rows[point.row].append(point)
        paths[number] = [slots[upper], *points, slots[lower]]
    return Layering(_ordered(rows, list(paths.values())), paths, back)


def _back_arrows(steps: Sequence[str], arrows: Sequence[tuple[str, str]]) -> frozenset[int]:
    """Arrows to a step that the way to their own step went through."""
    after: dict[str, list[tuple[int, str]]] = {step: [] for step in steps}
    for number, (source, target) in enumerate(arrows):
        after[source].append((number, target))
    back: set[int] = set()
    done: set[str] = set()
    for root in steps:
        # Depth first without recursion: flows may be longer than Python's stack.
        stack, on_path = [(root, iter(after[root]))], {root}
        if root in done:
            continue
        while stack:
            step, rest = stack[-1]
            for number, target in rest:
                if target in on_path:
                    back.add(number)
                elif target not in done:
                    stack.append((target, iter(after[target])))
                    on_path.add(target)
                    break
            else:
                stack.pop()
                on_path.discard(step)
                done.add(step)
    return frozenset(back)


def _rows(steps: Sequence[str], arrows: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest way from the top."""
    waiting = dict.fromkeys(steps, 0)
    after: dict[str, list[str]] = {step: [] for step in steps}
    for source, target in arrows:
        waiting[target] += 1
        after[source].append(target)
    rows = dict.fromkeys(steps, 0)
    ready = [step for step in steps if not waiting[step]]
    for step in ready:
        for target in after[step]:
            rows[target] = max(rows[target], rows[step] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return rows


def _ordered(rows: list[list[Slot]], paths: Sequence[Sequence[Slot]]) -> list[list[Slot]]:
    """Rows whose slots stand near the middle of what they are joined to."""
    above: dict[Slot, list[Slot]] = {}
    below: dict[Slot, list[Slot]] = {}
    for path in paths:
        for upper, lower in pairwise(path):
            below.setdefault(upper, []).append(lower)
            above.setdefault(lower, []).append(upper)
    best, fewest = rows, _crossings(rows, below)
    for sweep in range(_SWEEPS):
        joined, order = (above, range(1, len(rows))) if sweep % 2 == 0 else (below, range(len(rows) - 2, -1, -1))
        rows = [list(row) for row in rows]
        for number in order:
            place = {slot: at for row in rows for at, slot in enumerate(row)}
            rows[number].sort(key=lambda slot: _middle(slot, joined, place))
        if (found := _crossings(rows, below)) < fewest:
            best, fewest = rows, found
    return best


def _middle(slot: Slot, joined: Mapping[Slot, Sequence[Slot]], place: Mapping[Slot, int]) -> float:
    others = joined.get(slot)
    return sum(place[other] for other in others) / len(others) if others else float(place[slot])


def _crossings(rows: Sequence[Sequence[Slot]], below: Mapping[Slot, Sequence[Slot]]) -> int:
    place = {slot: at for row in rows for at, slot in enumerate(row)}
    total = 0
    for row in rows:
        ends = [place[lower] for slot in row for lower in sorted(below.get(slot, ()), key=place.__getitem__)]
        total += sum(1 for at, end in enumerate(ends) for other in ends[at + 1 :] if other < end)
    return total
