"""``flowkit logs``: what tasks wrote, of any flow."""

from __future__ import annotations

from contextlib import closing

import click

from flowkit.cli.group import app_context
from flowkit.cli.log_output import chosen_streams, write_log
from flowkit.cli.reading_session import metadata_option, reading_session
from flowkit.cli.stored import StoredStep, TaskPath
from flowkit.errors import InvalidPathspec
from flowkit.ids import Pathspec

__all__ = ["logs"]


@click.command(help="Show what a task, or each task of a step or of a run, wrote: Flow/run, Flow/run/step/task.")
@click.argument("path", metavar="RUN[/STEP[/TASK]]")
@click.option("--stdout/--no-stdout", default=False, help="Show stdout only.")
@click.option("--stderr/--no-stderr", default=False, help="Show stderr only.")
@click.option("--both/--no-both", default=True, help="Show both, as they were written (the default).")
@click.option("--timestamps/--no-timestamps", default=False, help="Begin each line with its time.")
@click.option("--attempt", type=click.IntRange(min=0), help="Which attempt, from 0. [default: the latest]")
@metadata_option
@click.pass_context
def logs(
    ctx: click.Context,
    path: str,
    stdout: bool,
    stderr: bool,
    both: bool,
    timestamps: bool,
    attempt: int | None,
    metadata: str | None,
) -> None:
    """Write tasks' output to stdout, and which task it is of to stderr where there are several."""
    context = app_context(ctx)
    streams = chosen_streams(stdout, stderr, both)
    parts = Pathspec.parse(path).components
    if not 2 <= len(parts) <= 4:
        raise InvalidPathspec(f"{path!r} is not of the form Flow/run, Flow/run/step or Flow/run/step/task")
    flow, run_id, *rest = parts
    task_id = rest[1] if len(rest) == 2 else None
    with closing(reading_session(context, flow, metadata)) as session:
        steps = rest[:1] or [record.step for record in reversed(session.metadata.steps(flow, run_id))]
        if not steps:
            StoredStep(session, TaskPath(flow, run_id, "", None)).run  # noqa: B018 - raises if there is no such run
        for step in steps:
            if step.startswith("_") and not rest:
                continue
            with closing(StoredStep(session, TaskPath(flow, run_id, step, task_id))) as stored:
                for task in stored.tasks():
                    if task_id is None:
                        if attempt is not None and attempt > task.attempt:
                            continue
                        context.console.message(f"[{run_id}/{task.step}/{task.task_id}]", fg="magenta")
                    write_log(context.console, stored.log(task, attempt), streams, timestamps=timestamps)
