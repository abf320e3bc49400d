"""The flow's file and what was beside it, from the code of a run, for values whose types are defined there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flowkit.client.run_context import RunContext
from flowkit.client.task_code import TaskCode
from flowkit.errors import FlowkitError

if TYPE_CHECKING:
    import tempfile

__all__ = ["RunSource"]

#: What was unpacked for this process, by flow and hash; removed at its end.
_unpacked: dict[tuple[str, str], tempfile.TemporaryDirectory[str]] = {}


class RunSource:
    """The code of one run as files, unpacked when it is first needed."""

    def __init__(self, run: RunContext) -> None:
        self._run = run

    def file(self) -> str | None:
        """The flow's file; None if the code isn't stored, or can't be read."""
        try:
            code = TaskCode.of_run(self._run)
            if code is None:
                return None
            key = (self._run.flow, code.hash)
            if key not in _unpacked:
                _unpacked[key] = code.extract()
        except FlowkitError:
            return None
        return os.path.join(_unpacked[key].name, code.script_name)
