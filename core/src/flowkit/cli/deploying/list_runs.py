"""``list-runs``: the runs of what is deployed."""

from __future__ import annotations

from typing import Any

import click

from flowkit.cli.deploying.status import run_line
from flowkit.cli.deploying.target import target_of
from flowkit.cli.options import FlowkitOption
from flowkit.interfaces.deployer import Deployer
from flowkit.model.deployment import DeployedRunStatus

__all__ = ["make_command"]

#: By the option's name.
_STATES: dict[str, tuple[DeployedRunStatus, ...]] = {
    "pending": ("pending",),
    "running": ("running",),
    "suspended": ("suspended",),
    "succeeded": ("succeeded",),
    "failed": ("failed",),
    "timed_out": ("timed_out",),
    "terminated": ("terminated",),
}


def make_command(kind: type[Deployer]) -> click.Command:
    """The command."""
    options = [
        FlowkitOption(
            [f"--{name.replace('_', '-')}", *(["--aborted"] if name == "terminated" else []), name],
            is_flag=True,
            help=f"Show runs that are {name.replace('_', ' ')}.",
        )
        for name in _STATES
        if name != "suspended" or kind.can_suspend
    ]
    return click.Command(
        "list-runs",
        params=[*options, *kind.verb_options("list-runs")],
        callback=_list_runs,
        help=f"Show the flow's runs on {kind.title}, the newest first; with options, those of these states.",
    )


@click.pass_context
def _list_runs(ctx: click.Context, /, **given: Any) -> None:
    target = target_of(ctx)
    wanted = {state for name, states in _STATES.items() if given.get(name) for state in states}
    console, deployment = target.context.console, target.deployment()
    runs = [run for run in target.deployer.runs(deployment) if not wanted or run.status in wanted]
    for run in runs:
        console.result(run_line(run))
    if not runs:
        console.message(f"{deployment.name} has no {'such ' if wanted else ''}runs on {target.kind.title}")
