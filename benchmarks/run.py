"""Measures FlowKit beside Metaflow from the package index.

``make bench`` measures all; ``python benchmarks/run.py --only foreach`` some.
"""

from __future__ import annotations

import argparse
import sys

from environments import flowkit, metaflow
from report import write
from rows import ROWS
from timing import measure
from workspace import Workspace


def main() -> None:
    """Measure all rows, or those whose names contain a word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="WORD", help="rows whose name has this word; the README isn't changed")
    only = parser.parse_args().only
    own, other = Workspace.make(flowkit()), Workspace.make(metaflow())
    try:
        results = [measure(row, own, other) for row in ROWS if only is None or only in row.name]
    finally:
        own.remove()
        other.remove()
    sys.stdout.write(write(results, own.tool, other.tool, readme=only is None))


if __name__ == "__main__":
    main()
