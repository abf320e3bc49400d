"""``--authorize`` of the commands that change what another may have deployed."""

from __future__ import annotations

import click

from flowkit.cli.deploying.target import DeployTarget
from flowkit.cli.deploying.tokens import TokenFile, check_token
from flowkit.cli.options import FlowkitOption
from flowkit.model.deployment import Deployment

__all__ = ["authorize", "authorize_option"]


def authorize_option() -> click.Option:
    """The option."""
    return FlowkitOption(
        ["--authorize"], metavar="TOKEN", help="The production token, where another user has deployed the flow."
    )


def authorize(target: DeployTarget, deployment: Deployment, given: str | None, verb: str) -> None:
    """Raise ProductionTokenError unless the user may change the deployment; remember a token that is right."""
    tokens = TokenFile(target.context.settings.home)
    known = tokens.get(target.kind.name, deployment.name)
    how = f"{target.command} {verb} --authorize TOKEN"
    check_token(deployment, known, given, target.surroundings.username, how, verb)
    if given:
        tokens.put(target.kind.name, deployment.name, deployment.production_token)
