"""``logs show``: what tasks wrote."""

from __future__ import annotations

from contextlib import closing

import click

from flowkit.cli.flow_group import flow_context
from flowkit.cli.log_output import chosen_streams, write_log
from flowkit.cli.stored import StoredStep, TaskPath

__all__ = ["show"]


@click.command("show", help="Show what a task, or each task of a step, wrote: RUN/STEP or RUN/STEP/TASK.")
@click.argument("path", metavar="RUN/STEP[/TASK]")
@click.option("--stdout/--no-stdout", default=False, help="Show stdout only.")
@click.option("--stderr/--no-stderr", default=False, help="Show stderr only.")
@click.option("--both/--no-both", default=True, help="Show both, as they were written (the default).")
@click.option("--timestamps/--no-timestamps", default=False, help="Begin each line with its time.")
@click.option("--attempt", type=click.IntRange(min=0), help="Which attempt, from 0. [default: the latest]")
@click.pass_context
def show(
    ctx: click.Context, path: str, stdout: bool, stderr: bool, both: bool, timestamps: bool, attempt: int | None
) -> None:
    """Write tasks' output to stdout, and which task it is of to stderr where there are several."""
    context = flow_context(ctx)
    streams = chosen_streams(stdout, stderr, both)
    where = TaskPath.parse(path, context.compiled.name)
    with closing(context.session()) as session, closing(StoredStep(session, where)) as stored:
        for task in stored.tasks():
            if where.task_id is None:
                if attempt is not None and attempt > task.attempt:
                    continue
                context.console.message(f"[{task.run_id}/{task.step}/{task.task_id}]", fg="magenta")
            write_log(context.console, stored.log(task, attempt), streams, timestamps=timestamps)
