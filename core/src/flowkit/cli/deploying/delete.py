"""``delete``: take away what is deployed."""

from __future__ import annotations

from typing import Any

import click

from flowkit.cli.deploying.authorizing import authorize, authorize_option
from flowkit.cli.deploying.target import target_of
from flowkit.interfaces.deployer import Deployer

__all__ = ["make_command"]


def make_command(kind: type[Deployer]) -> click.Command:
    """The command."""
    return click.Command(
        "delete",
        params=[authorize_option(), *kind.verb_options("delete")],
        callback=_delete,
        help=f"Take the flow away from {kind.title}. Its runs that go on are left alone, and so is what they stored.",
    )


@click.pass_context
def _delete(ctx: click.Context, /, **given: Any) -> None:
    target = target_of(ctx)
    deployment = target.deployment()
    authorize(target, deployment, given["authorize"], "delete")
    target.deployer.delete(deployment.name)
    target.context.console.message(f"{deployment.name} is no longer deployed on {target.kind.title}", fg="green")
