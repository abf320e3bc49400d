"""``flowkit show``: a flow's runs, a run, a step or a task, from what was recorded."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

import click

from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.cli.reading_session import metadata_option, reading_session
from flowkit.errors import InvalidPathspec
from flowkit.ids import Pathspec

__all__ = ["show"]


@click.command(help="Show runs of a flow, a run, a step or a task: Flow, Flow/run, Flow/run/step, Flow/run/step/task.")
@click.argument("path", metavar="FLOW[/RUN[/STEP[/TASK]]]")
@click.option(
    "--limit",
    cls=FlowkitOption,
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="Show so many of a flow's runs, or of a step's tasks, at most.",
)
@metadata_option
@click.pass_context
def show(ctx: click.Context, path: str, limit: int, metadata: str | None) -> None:
    """Write the report to stdout. No artifact is loaded."""
    from flowkit.cli.run_report import flow_lines, run_lines, step_lines, task_lines

    context = app_context(ctx)
    parts = Pathspec.parse(path).components
    if len(parts) > 4:
        raise InvalidPathspec(f"{path!r} names an artifact: show its task, or 'python FLOW.py dump' it")
    with closing(reading_session(context, parts[0], metadata)) as session:
        lines: Iterable[str]
        if len(parts) == 1:
            lines = flow_lines(session, limit)
        elif len(parts) == 2:
            lines = run_lines(session, parts[1])
        elif len(parts) == 3:
            lines = step_lines(session, parts[1], parts[2], limit)
        else:
            lines = task_lines(session, parts[1], parts[2], parts[3])
        for line in lines:
            context.console.result(line)
