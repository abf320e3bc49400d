"""The group of a deployer's commands, made from its class."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from flowkit.cli.deploying.target import DeployTarget, keep_target
from flowkit.cli.group import flow_context
from flowkit.cli.options import FlowkitOption
from flowkit.interfaces.deployer import DEPLOYER_VERBS, Deployer

__all__ = ["DeployerGroup"]

_MODULES = {
    "create": "create",
    "trigger": "trigger",
    "delete": "delete",
    "list": "list_deployments",
    "list-runs": "list_runs",
    "status": "status",
    "terminate": "terminate",
    "suspend": "suspend",
    "unsuspend": "suspend",
}
_SUSPENDING = ("suspend", "unsuspend")


class DeployerGroup(click.Group):
    """``python flow.py NAME``: shows its help where no verb is given."""

    def __init__(self, kind: type[Deployer]) -> None:
        name = FlowkitOption(
            ["--name"],
            metavar="NAME",
            help=f"Name of the deployment on {kind.title}. [default: the flow's; with a project, its branch's]",
        )
        super().__init__(
            kind.name,
            help=f"Deploy the flow to {kind.title}, start its runs there, and look after them.",
            params=[name, *kind.group_options()],
            callback=_make_callback(kind),
            invoke_without_command=True,
            no_args_is_help=False,
            subcommand_metavar="COMMAND [ARGS]...",
        )
        for verb in DEPLOYER_VERBS:
            if kind.can_suspend or verb not in _SUSPENDING:
                self.add_command(_command(kind, verb))
        for command in kind.commands():
            self.add_command(command)


def _command(kind: type[Deployer], verb: str) -> click.Command:
    make = import_module(f"flowkit.cli.deploying.{_MODULES[verb]}").make_command
    command: click.Command = make(kind, verb) if verb in _SUSPENDING else make(kind)
    return command


def _make_callback(kind: type[Deployer]) -> Callable[..., None]:
    @click.pass_context
    def keep(ctx: click.Context, /, **options: Any) -> None:
        context = flow_context(ctx)
        if ctx.invoked_subcommand is None:
            context.console.result(ctx.get_help())
            return
        keep_target(ctx, DeployTarget(context, kind, options))

    return keep
