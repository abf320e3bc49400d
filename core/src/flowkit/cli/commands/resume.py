"""``resume``: a run that goes on from what an earlier one finished."""

from __future__ import annotations

from typing import Any

import click

from flowkit.cli.flow_group import flow_context
from flowkit.cli.launching import LaunchCommand, launch_flow
from flowkit.cli.options import FlowkitOption
from flowkit.cli.parameters import flow_parameters
from flowkit.errors import InvalidPathspec
from flowkit.ids import check_component

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


def _check_run_id(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    if value is None:
        return None
    if value.isdigit():
        raise click.BadParameter("a number may be the id of another run: give a name", ctx, param)
    try:
        return check_component(value, "run id")
    except InvalidPathspec as error:
        raise click.BadParameter(error.message, ctx, param) from None


@click.command(
    cls=_ResumeCommand,
    help="Start a run that takes over what an earlier run finished, and goes on from there. Its parameters are those "
    "of that run. With STEP, that step and all after it run again, even if they succeeded.",
)
@click.argument("step_to_rerun", metavar="[STEP]", required=False)
@click.option(
    "--origin-run-id", cls=FlowkitOption, metavar="RUN", help="The run to resume. [default: the user's latest]"
)
@click.option("--run-id", cls=FlowkitOption, metavar="ID", callback=_check_run_id, help="The new run's id, a name.")
@click.option(
    "--clone-only/--no-clone-only",
    cls=FlowkitOption,
    default=False,
    help="Only take over what that run finished, and run nothing.",
)
@click.option(
    "--reentrant/--no-reentrant",
    cls=FlowkitOption,
    default=False,
    help="With --run-id: if another process resumes into that run already, wait for its end instead.",
)
@click.option(
    "--resume-identifier",
    cls=FlowkitOption,
    metavar="NAME",
    help="With --reentrant: names this process. The one that began goes on if it is started again.",
)
@click.pass_context
def resume(ctx: click.Context, /, step_to_rerun: str | None, origin_run_id: str | None, **given: Any) -> None:
    """Resume; exits with 1 if the run fails."""
    context = flow_context(ctx)
    own = {name: given.pop(name) for name in ("run_id", "clone_only", "reentrant", "resume_identifier")}
    if own["reentrant"] and own["run_id"] is None:
        raise click.UsageError("--reentrant needs --run-id: the run that several processes resume into", ctx)
    if own["resume_identifier"] is not None and not own["reentrant"]:
        raise click.UsageError("--resume-identifier needs --reentrant: it names one of several that resume", ctx)
    ctx.exit(
        launch_flow(context, given, {}, resume=True, origin_run_id=origin_run_id, resume_step=step_to_rerun, **own)
    )
