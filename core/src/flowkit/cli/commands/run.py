"""``run``: the flow, from its start to its end."""

from __future__ import annotations

from typing import Any

import click

from flowkit.cli.flow_group import flow_context
from flowkit.cli.launching import LaunchCommand, launch_flow
from flowkit.cli.options import FlowkitOption
from flowkit.cli.parameters import flow_parameters, given_values, parameter_options

__all__ = ["run"]


class _RunCommand(LaunchCommand):
    """Has an option for each parameter of the flow, before all others and in a section of their own in the help."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The flow's parameters and the command's options."""
        return [*parameter_options(flow_context(ctx)), *super().get_params(ctx)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the flow's parameters, then the options."""
        names = {parameter.option_key for parameter in flow_parameters(flow_context(ctx))}
        sections: dict[str, list[tuple[str, str]]] = {"Parameters of the flow": [], "Options": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                sections["Parameters of the flow" if param.name in names else "Options"].append(record)
        for title, rows in sections.items():
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


@click.command(cls=_RunCommand, help="Run the flow on this machine, from its start to its end.")
@click.option(
    "--namespace",
    cls=FlowkitOption,
    help="What the client sees in the tasks: runs with this tag; empty for all runs. [default: user:NAME]",
)
@click.pass_context
def run(ctx: click.Context, /, namespace: str | None, **given: Any) -> None:
    """Run the flow; exits with 1 if it fails."""
    context = flow_context(ctx)
    ctx.exit(launch_flow(context, given, given_values(context, given), namespace=namespace))
