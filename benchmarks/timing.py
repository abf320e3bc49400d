"""Pairs of measurements: the two tools in turn, so that a machine whose speed drifts is fair to both."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable

import attrs
from workspace import Workspace

__all__ = ["Result", "Row", "measure"]

#: A tool whose run takes longer than this, in seconds, is measured once.
LONG = 60.0


@attrs.frozen
class Row:
    """One line of the table."""

    name: str
    #: Measures one run in a workspace; returns the figure. The lower, the better.
    run: Callable[[Workspace], float]
    #: The ratio to reach.
    target: float
    unit: str = "s"
    pairs: int = 3
    #: Called once for each workspace, before anything is measured.
    prepare: Callable[[Workspace], None] | None = None
    #: What the last run left, to be the same for both.
    check: Callable[[Workspace], object] | None = None
    long: bool = False


@attrs.frozen
class Result:
    """What was measured for one row."""

    row: Row
    flowkit: tuple[float, ...]
    metaflow: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """How many times better FlowKit's figure is: the median of the pairs' ratios, or the ratio of the medians."""
        if len(self.metaflow) != len(self.flowkit):
            return statistics.median(self.metaflow) / statistics.median(self.flowkit)
        pairs = zip(self.metaflow, self.flowkit, strict=True)
        return statistics.median(other / own for other, own in pairs)


def measure(row: Row, own: Workspace, other: Workspace) -> Result:
    """Measure a row, after one run of each that isn't counted (where one is short)."""
    for workspace in (own, other):
        if row.prepare is not None:
            row.prepare(workspace)
    # Runs that aren't counted: files are cached and bytecode is written.
    row.run(own)
    other_once = row.long or row.run(other) > LONG
    figures: tuple[list[float], list[float]] = ([], [])
    for pair in range(row.pairs):
        figures[0].append(row.run(own))
        if pair == 0 or not other_once:
            figures[1].append(row.run(other))
    if row.check is not None:
        found = row.check(own), row.check(other)
        if found[0] != found[1]:
            raise AssertionError(f"{row.name}: the two left different results: {found[0]} and {found[1]}")
    result = Result(row, tuple(figures[0]), tuple(figures[1]))
    sys.stderr.write(f"{row.name}: {result.ratio:.1f} times\n")
    return result
