"""``terminate``: end a run."""

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
        "terminate",
        params=[
            click.Argument(["run_id"], metavar="RUN"),
            authorize_option(),
            *kind.verb_options("terminate"),
        ],
        callback=_terminate,
        help=f"End a run on {kind.title}. What it has stored stays.",
    )


@click.pass_context
def _terminate(ctx: click.Context, /, run_id: str, **given: Any) -> None:
    target = target_of(ctx)
    deployment = target.deployment()
    run = target.run(deployment, run_id)
    authorize(target, deployment, given["authorize"], "terminate")
    if target.deployer.terminate(deployment, run.run_id):
        target.context.console.message(f"Run {run.pathspec} is being ended", fg="green")
    else:
        target.context.console.message(f"Run {run.pathspec} had ended already")
