"""``suspend`` and ``unsuspend``: hold a run, and let it go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from flowkit.cli.deploying.authorizing import authorize, authorize_option
from flowkit.cli.deploying.target import target_of
from flowkit.interfaces.deployer import Deployer, DeployerVerb

__all__ = ["make_command"]


def make_command(kind: type[Deployer], verb: DeployerVerb) -> click.Command:
    """One of the two commands."""
    what = f"Start no more tasks of a run on {kind.title}" if verb == "suspend" else f"Go on with a run on {kind.title}"
    return click.Command(
        verb,
        params=[click.Argument(["run_id"], metavar="RUN"), authorize_option(), *kind.verb_options(verb)],
        callback=_make_callback(verb),
        help=f"{what}.",
    )


def _make_callback(verb: DeployerVerb) -> Callable[..., None]:
    @click.pass_context
    def act(ctx: click.Context, /, run_id: str, **given: Any) -> None:
        target = target_of(ctx)
        deployment = target.deployment()
        run = target.run(deployment, run_id)
        authorize(target, deployment, given["authorize"], verb)
        done = getattr(target.deployer, verb)(deployment, run.run_id)
        said = f"is {verb}ed" if done else "had ended already"
        target.context.console.message(f"Run {run.pathspec} {said}")

    return act
