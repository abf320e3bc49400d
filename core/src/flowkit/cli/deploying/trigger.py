"""``trigger``: start a run of what is deployed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from flowkit.cli.deploying.files import write_attributes, write_text
from flowkit.cli.deploying.parameters import parameter_texts
from flowkit.cli.deploying.target import target_of
from flowkit.cli.group import flow_context
from flowkit.cli.options import FlowkitOption
from flowkit.cli.parameters import flow_parameters, parameter_options
from flowkit.interfaces.deployer import Deployer
from flowkit.model.parameter import ParameterSpec

__all__ = ["make_command"]


class _TriggerCommand(click.Command):
    """Has an option for each parameter of the flow."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The flow's parameters and the command's options."""
        return [*parameter_options(flow_context(ctx)), *super().get_params(ctx)]


def make_command(kind: type[Deployer]) -> click.Command:
    """The command, with the deployer's own options."""
    own = list(kind.verb_options("trigger"))
    options = [
        FlowkitOption(["--run-id-file"], metavar="FILE", help="Write the run's id to this file."),
        FlowkitOption(
            ["--deployer-attribute-file"],
            metavar="FILE",
            help="Write the run's pathspec, and where it is recorded, to this file, as JSON.",
        ),
    ]
    return _TriggerCommand(
        "trigger",
        params=[*options, *own],
        callback=_make_callback([option.name for option in own]),
        help=f"Start a run of what is deployed on {kind.title}, and don't wait for it.",
    )


def _make_callback(own_names: list[str | None]) -> Callable[..., None]:
    @click.pass_context
    def trigger(ctx: click.Context, /, **given: Any) -> None:
        target = target_of(ctx)
        deployment = target.deployment()
        target.deployer.options = {**target.deployer.options, **{str(name): given[str(name)] for name in own_names}}
        run = target.deployer.trigger(deployment, parameter_texts(_specs(ctx), given))
        if given["run_id_file"] is not None:
            write_text("--run-id-file", given["run_id_file"], run.run_id)
        place = f"{deployment.metadata.name}@{deployment.metadata.root}"
        found = {"deployer": target.kind.name, "name": deployment.name, "pathspec": run.pathspec, "metadata": place}
        write_attributes(given["deployer_attribute_file"], found)
        console = target.context.console
        console.message(f"Run {run.pathspec} is asked for on {target.kind.title}", fg="green", bold=True)
        console.message(f"    how it is:  {target.command} status {run.run_id}")

    return trigger


def _specs(ctx: click.Context) -> list[ParameterSpec]:
    return [parameter.spec() for parameter in flow_parameters(flow_context(ctx))]
