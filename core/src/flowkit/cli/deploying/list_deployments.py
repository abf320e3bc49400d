"""``list``: what is deployed."""

from __future__ import annotations

import time
from typing import Any

import click

from flowkit.cli.deploying.target import target_of
from flowkit.cli.options import FlowkitOption
from flowkit.interfaces.deployer import Deployer

__all__ = ["make_command"]


def make_command(kind: type[Deployer]) -> click.Command:
    """The command."""
    everything = FlowkitOption(["--all", "all_flows"], is_flag=True, help="Show other flows' too.")
    return click.Command(
        "list",
        params=[everything, *kind.verb_options("list")],
        callback=_list,
        help=f"Show what is deployed of the flow on {kind.title}: in all branches, by all users.",
    )


@click.pass_context
def _list(ctx: click.Context, /, all_flows: bool, **_own: Any) -> None:
    target = target_of(ctx)
    console, flow = target.context.console, target.context.flow_class.__name__
    deployments = list(target.deployer.deployments(None if all_flows else flow))
    for one in deployments:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one.created_at))
        console.result(f"{one.name}  {one.flow}  {when}  {one.username}")
    if not deployments:
        console.message(f"nothing is deployed on {target.kind.title}{'' if all_flows else f' of {flow}'}")
