"""Runs flows from other programs. The keyword arguments of its verbs come from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.lazy import resolve, table_of

if TYPE_CHECKING:
    from flowkit.runner.executing import ExecutingRun
    from flowkit.runner.notebook import NBRunner
    from flowkit.runner.runner import Runner

__all__ = ["ExecutingRun", "NBRunner", "Runner"]

_NAMES = table_of(
    {
        "flowkit.runner.executing": "ExecutingRun",
        "flowkit.runner.notebook": "NBRunner",
        "flowkit.runner.runner": "Runner",
    }
)


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return resolve(globals(), _NAMES, name)
    raise AttributeError(f"module 'flowkit.runner' has no attribute {name!r}")
