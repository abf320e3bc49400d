"""Measures FlowKit beside Metaflow from the package index.

``make bench`` measures all; ``python benchmarks/run.py --only foreach`` some.
"""

from __future__ import annotations

import argparse
import sys

import bounds
import others
from environments import flowkit, metaflow
from report import write
from rows import ROWS
from timing import measure
from workspace import Workspace


def main() -> None:
    """Measure all rows, or those whose names contain a word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="WORD", help="rows whose name has this word; the README isn't changed")
    parser.add_argument(
        "--scale",
        type=float,
        default=1.0,
        help="part of the sizes of what has a bound, to try; the README isn't changed",
    )
    options = parser.parse_args()
    only, scale = options.only, options.scale
    own, other = Workspace.make(flowkit()), Workspace.make(metaflow())
    try:
        results = [measure(row, own, other) for row in ROWS if only is None or only in row.name]
        limits = bounds.measured(own, other, scale, only)
        figures = others.measured(own, scale, only)
    finally:
        own.remove()
        other.remove()
    readme = only is None and scale == 1
    sys.stdout.write(write(results, limits, figures, own.tool, other.tool, readme=readme))


if __name__ == "__main__":
    main()
