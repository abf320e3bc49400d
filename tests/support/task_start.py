"""``pytest --task-start fork|spawn``: every run that a test makes starts its tasks that way, unless it says another.

Tests about how FlowKit chooses by itself are marked ``task_start("auto", reason=…)`` and skipped then.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit.testing import project
from support import project as support_project

__all__ = ["add_option", "apply", "skip_others"]


def add_option(parser: pytest.Parser) -> None:
    """The option itself."""
    parser.addoption(
        "--task-start",
        choices=["auto", "fork", "spawn"],
        default="auto",
        help="how tasks get their processes in all runs that tests make (FLOWKIT_TASK_START)",
    )


def apply(config: pytest.Config) -> None:
    """Put the variable into what tests and their projects get as their environment, where no other FLOWKIT_… is."""
    chosen = config.getoption("--task-start")
    if chosen == "auto":
        return
    clean = project.clean_environment

    def clean_environment(home: Path) -> dict[str, str]:
        return {**clean(home), "FLOWKIT_TASK_START": chosen}

    for module in (project, support_project):
        module.clean_environment = clean_environment  # type: ignore[attr-defined]


def skip_others(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is marked for another way of starting."""
    chosen = config.getoption("--task-start")
    if chosen == "auto":
        return
    for item in items:
        for mark in item.iter_markers("task_start"):
            if chosen not in mark.args:
                item.add_marker(pytest.mark.skip(reason=f"--task-start {chosen}: {mark.kwargs['reason']}"))
