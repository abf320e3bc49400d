"""Runs and deploys flows from other programs. The keyword arguments of its verbs come from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowkit.lazy import resolve, table_of

if TYPE_CHECKING:
    from flowkit.runner.deployed import DeployedFlow
    from flowkit.runner.deployer import Deployer, FlowDeployer
    from flowkit.runner.executing import ExecutingRun, ExecutingTask
    from flowkit.runner.notebook import NBDeployer, NBRunner
    from flowkit.runner.runner import Runner
    from flowkit.runner.triggered import TriggeredRun

__all__ = [
    "DeployedFlow",
    "Deployer",
    "ExecutingRun",
    "ExecutingTask",
    "FlowDeployer",
    "NBDeployer",
    "NBRunner",
    "Runner",
    "TriggeredRun",
]

_NAMES = table_of(
    {
        "flowkit.runner.deployed": "DeployedFlow",
        "flowkit.runner.deployer": "Deployer FlowDeployer",
        "flowkit.runner.executing": "ExecutingRun ExecutingTask",
        "flowkit.runner.notebook": "NBDeployer NBRunner",
        "flowkit.runner.runner": "Runner",
        "flowkit.runner.triggered": "TriggeredRun",
    }
)


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return resolve(globals(), _NAMES, name)
    raise AttributeError(f"module 'flowkit.runner' has no attribute {name!r}")
