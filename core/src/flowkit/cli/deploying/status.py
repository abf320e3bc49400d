"""``status``: how a run is."""

from __future__ import annotations

import time
from typing import Any

import click

from flowkit.cli.console import duration
from flowkit.cli.deploying.target import target_of
from flowkit.interfaces.deployer import Deployer
from flowkit.model.deployment import DeployedRun

__all__ = ["make_command", "run_line"]


def make_command(kind: type[Deployer]) -> click.Command:
    """The command."""
    return click.Command(
        "status",
        params=[click.Argument(["run_id"], metavar="RUN"), *kind.verb_options("status")],
        callback=_status,
        help=f"Show how a run on {kind.title} is.",
    )


@click.pass_context
def _status(ctx: click.Context, /, run_id: str, **_own: Any) -> None:
    target = target_of(ctx)
    target.context.console.result(run_line(target.run(target.deployment(), run_id)))


def run_line(run: DeployedRun) -> str:
    """Pathspec, status and time."""
    times = ""
    message = f"\n    {run.message}" if run.message else ""
    if run.started_at is not None:
        took = duration((run.finished_at or time.time()) - run.started_at)
        began = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.started_at))
        times = f"  {began}  {took}"
    return f"{run.pathspec}  {run.phase or run.status.replace('_', ' ')}{times}{message}"
