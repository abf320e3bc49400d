"""What is wrong with a flow before it runs."""

from __future__ import annotations

import attrs

__all__ = ["Problem"]


@attrs.frozen
class Problem:
    """One fault of a flow's graph, decorators or parameters."""

    #: What is wrong and what mends it, in one line.
    message: str
    file: str = ""
    line: int = 0
    step: str | None = None
    #: Short and stable, for filters: ``unknown-step``, ``join-without-split``.
    code: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file else ""
        return f"{where}{self.message}"
