"""``create``: deploy the flow, or deploy it anew."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import click

from flowkit.cli.deploying.files import write_attributes
from flowkit.cli.deploying.request import make_request, stored_code
from flowkit.cli.deploying.target import DeployTarget, target_of
from flowkit.cli.deploying.tokens import TokenChoice, TokenFile, check_token, choose_token
from flowkit.cli.options import FlowkitOption
from flowkit.cli.tag_values import check_tags
from flowkit.compile.compiler import CompiledFlow
from flowkit.errors import GraphError
from flowkit.interfaces.deployer import Deployer
from flowkit.model.deployment import Deployment, DeploymentRequest

__all__ = ["make_command"]

#: What a deployment has that is only looked at.
_NO_TOKEN = "not-deployed"  # noqa: S105 - stands for none


def make_command(kind: type[Deployer]) -> click.Command:
    """The command, with the deployer's own options."""
    own = list(kind.verb_options("create"))
    return click.Command(
        "create",
        params=[*_options(kind), *own],
        callback=_make_callback([option.name for option in own]),
        help=f"Deploy the flow to {kind.title}, as it now is, over what was deployed under its name.",
    )


def _options(kind: type[Deployer]) -> list[click.Parameter]:
    return [
        FlowkitOption(
            ["--authorize"],
            metavar="TOKEN",
            help="The production token, to deploy over what another user has deployed. It is needed once.",
        ),
        FlowkitOption(
            ["--generate-new-token"],
            is_flag=True,
            help="Give the deployment a new production token, and its runs a new namespace.",
        ),
        FlowkitOption(["--new-token"], metavar="TOKEN", help="The same, with this token."),
        FlowkitOption(["--tag", "tags"], multiple=True, callback=check_tags, help="Give all runs a tag (repeatable)."),
        FlowkitOption(
            ["--namespace"],
            help="What the client sees in the tasks: runs with this tag; empty for all runs. "
            "[default: production:TOKEN]",
        ),
        FlowkitOption(
            ["--max-workers"],
            type=click.IntRange(min=1),
            metavar="N",
            default=kind.default_max_workers,
            show_default=True,
            help="How many tasks of a run may run at once.",
        ),
        FlowkitOption(
            ["--workflow-timeout"],
            type=click.IntRange(min=1),
            metavar="SECONDS",
            show_default=False,
            help="End a run after this time. [default: no limit]",
        ),
        FlowkitOption(
            ["--with", "decospecs"],
            multiple=True,
            metavar="DECORATOR",
            help="Add a decorator to every step that doesn't have it, as NAME or NAME:KEY=VALUE,… (repeatable).",
        ),
        FlowkitOption(["--only-json"], is_flag=True, help=f"Show what {kind.title} would get as JSON; deploy nothing."),
        FlowkitOption(
            ["--deployer-attribute-file"],
            metavar="FILE",
            help="Write the name of the deployment, and where its runs are recorded, to this file, as JSON.",
        ),
    ]


def _make_callback(own_names: list[str | None]) -> Callable[..., None]:
    @click.pass_context
    def create(ctx: click.Context, /, **given: Any) -> None:
        own = {str(name): given.pop(str(name)) for name in own_names}
        target = target_of(ctx)
        if given["only_json"]:
            _show(target, given, own)
        else:
            _deploy(target, given, own)

    return create


def _show(target: DeployTarget, given: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    before = target.deployer.find(target.name)
    token = before.production_token if before is not None else _NO_TOKEN
    request, compiled = make_request(target, given, token, own)
    _check(target, request, compiled)
    target.context.console.result(json.dumps(target.deployer.compile(request), indent=4, sort_keys=True))


def _deploy(target: DeployTarget, given: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    console = target.context.console
    choice, tokens = _token(target, given)
    request, compiled = make_request(target, given, choice.token, own)
    _check(target, request, compiled)
    # Only after all that may be refused: the package may be large.
    code, warning = stored_code(target, compiled)
    if warning:
        console.message(warning, fg="yellow")
    request = attrs.evolve(request, code=code)
    deployment = target.deployer.create(request, target.deployer.compile(request))
    tokens.put(target.kind.name, target.name, choice.token)
    console.message(f"{deployment.flow} is deployed to {target.kind.title} as {deployment.name}", fg="green", bold=True)
    for notice in target.deployer.notices(request):
        console.message(f"    note: {notice}", fg="yellow")
    if choice.is_new:
        console.message(f"    production token, for others who are to deploy over it:  {choice.token}")
        console.message(f"    its runs are in the namespace:                           production:{choice.token}")
    console.message(f"    to start a run:                                           {target.command} trigger")
    write_attributes(given["deployer_attribute_file"], _attributes(deployment))


def _token(target: DeployTarget, given: Mapping[str, Any]) -> tuple[TokenChoice, TokenFile]:
    before = target.deployer.find(target.name)
    tokens = TokenFile(target.context.settings.home)
    if before is not None:
        known = tokens.get(target.kind.name, target.name)
        how = f"{target.command} create --authorize TOKEN"
        check_token(before, known, given["authorize"], target.surroundings.username, how)
    choice = choose_token(
        target.given_name or target.flow_name, before, generate=given["generate_new_token"], new=given["new_token"]
    )
    return choice, tokens


def _check(target: DeployTarget, request: DeploymentRequest, compiled: CompiledFlow) -> None:
    problems = list(target.deployer.check(request))
    for step, decorators in compiled.step_decorators.items():
        problems += [one for decorator in decorators for one in decorator.check_deployment(compiled.graph, step)]
    if problems:
        lines = "\n".join(f"    {problem}" for problem in problems)
        raise GraphError(f"{request.plan.name} can't be deployed to {target.kind.title}:\n{lines}")


def _attributes(deployment: Deployment) -> dict[str, Any]:
    return {
        "deployer": deployment.deployer,
        "name": deployment.name,
        "flow_name": deployment.flow,
        "metadata": f"{deployment.metadata.name}@{deployment.metadata.root}",
    }
