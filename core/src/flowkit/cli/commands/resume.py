"""``resume``: a run that goes on from what an earlier one finished."""

from __future__ import annotations

from typing import Any

import click

from flowkit.cli.flow_group import flow_context
from flowkit.cli.launching import LaunchCommand, launch_flow
from flowkit.cli.options import FlowkitOption
from flowkit.cli.parameters import flow_parameters

__all__ = ["resume"]


class _ResumeCommand(LaunchCommand):
    """Explains, where a parameter of the flow is given, whose values count."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            names = [f"--{parameter.name}" for parameter in flow_parameters(flow_context(ctx))]
            if error.option_name.replace("_", "-") not in [name.replace("_", "-") for name in names]:
                raise
            raise click.UsageError(
                f"{error.option_name} can't be given to resume: the values of the run that is resumed count", ctx
            ) from None


@click.command(
    cls=_ResumeCommand,
    help="Start a run that takes over what an earlier run finished, and goes on from there. Its parameters are those "
    "of that run. With STEP, that step and all after it run again, even if they succeeded.",
)
@click.argument("step_to_rerun", metavar="[STEP]", required=False)
@click.option(
    "--origin-run-id", cls=FlowkitOption, metavar="RUN", help="The run to resume. [default: the user's latest]"
)
@click.pass_context
def resume(ctx: click.Context, /, step_to_rerun: str | None, origin_run_id: str | None, **given: Any) -> None:
    """Resume; exits with 1 if the run fails."""
    context = flow_context(ctx)
    ctx.exit(launch_flow(context, given, {}, resume=True, origin_run_id=origin_run_id, resume_step=step_to_rerun))
