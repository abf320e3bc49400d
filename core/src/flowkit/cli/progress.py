"""Chooses how the progress of a run is shown."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from flowkit.cli.console import is_terminal
from flowkit.cli.progress_plain import PlainProgress

if TYPE_CHECKING:
    from flowkit.cli.progress_live import LiveProgress

__all__ = ["make_progress"]


def make_progress(*, quiet: bool, in_process: bool = False) -> PlainProgress | LiveProgress:
    """A display that is drawn where stderr is a terminal that can move its cursor; else lines with the time.

    Parameters
    ----------
    in_process
        Whether some tasks run in this process: while one does, the terminal is its own.
    """
    if in_process:
        from flowkit.cli.progress_in_process import InProcessProgress

        return InProcessProgress(quiet=quiet)
    if quiet or not is_terminal(sys.stderr) or os.environ.get("TERM") in (None, "", "dumb"):
        return PlainProgress(quiet=quiet)
    from flowkit.cli.progress_live import LiveProgress

    return LiveProgress()
