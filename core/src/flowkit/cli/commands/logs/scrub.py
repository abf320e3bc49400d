"""``logs scrub``: what a task wrote, replaced by a mark that says so."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing

import click

from flowkit.cli.flow_group import flow_context
from flowkit.cli.log_output import chosen_streams
from flowkit.cli.stored import StoredStep, TaskPath
from flowkit.errors import NotFound
from flowkit.model.log import LogRecord, Stream, encode, parse
from flowkit.model.record import TaskRecord

__all__ = ["scrub"]


@click.command(
    "scrub",
    help="Replace what a task, or each task of a step, wrote by a mark that says who did that: RUN/STEP or "
    "RUN/STEP/TASK. What was written can't be had back.",
)
@click.argument("path", metavar="RUN/STEP[/TASK]")
@click.option("--stdout/--no-stdout", default=False, help="Scrub stdout only.")
@click.option("--stderr/--no-stderr", default=False, help="Scrub stderr only.")
@click.option("--both/--no-both", default=True, help="Scrub both (the default).")
@click.option("--attempt", type=click.IntRange(min=0), help="Which attempt, from 0. [default: the latest]")
@click.option("--latest/--all", default=True, help="Scrub the latest attempt (the default), or all of them.")
@click.option(
    "--include-not-done", is_flag=True, help="Scrub tasks that are running, or were when their run was killed, too."
)
@click.pass_context
def scrub(
    ctx: click.Context,
    path: str,
    stdout: bool,
    stderr: bool,
    both: bool,
    attempt: int | None,
    latest: bool,
    include_not_done: bool,
) -> None:
    """Scrub logs, and say which."""
    if attempt is not None and not latest:
        raise click.UsageError("--attempt names one attempt, and --all means each: give one or the other", ctx)
    context = flow_context(ctx)
    streams = chosen_streams(stdout, stderr, both)
    where = TaskPath.parse(path, context.compiled.name)
    done = 0
    with closing(context.session()) as session, closing(StoredStep(session, where)) as stored:
        mark = f"[scrubbed by {session.username} at {time.strftime('%Y-%m-%d %H:%M:%S')}]\n".encode()
        for task in stored.tasks():
            title = f"{task.run_id}/{task.step}/{task.task_id}"
            if task.status == "running" and not include_not_done:
                context.console.message(f"{title} isn't done: --include-not-done scrubs it too", fg="yellow")
                continue
            for number in _attempts(task, attempt, latest=latest):
                done += 1
                if _scrub(stored, task, number, streams, mark):
                    context.console.message(f"{title}, attempt {number}: scrubbed")
                else:
                    context.console.message(f"{title}, attempt {number}: it had written nothing there")
    if not done:
        raise NotFound(f"nothing of {path} was scrubbed: no such attempt is done")


def _attempts(task: TaskRecord, attempt: int | None, *, latest: bool) -> Iterable[int]:
    if attempt is not None:
        return (attempt,) if attempt <= task.attempt else ()
    return (task.attempt,) if latest else range(task.attempt + 1)


def _scrub(stored: StoredStep, task: TaskRecord, attempt: int, streams: frozenset[Stream], mark: bytes) -> bool:
    key = stored.log_key(task, attempt)
    content = stored.log_content(key)
    records = list(parse(content))
    if not any(record.stream in streams for record in records):
        return False
    kept = [encode(record.stream, record.time, record.data) for record in _marked(records, streams, mark)]
    stored.datastore.put(key, kept, overwrite=True)
    return True


def _marked(records: Iterable[LogRecord], streams: frozenset[Stream], mark: bytes) -> Iterator[LogRecord]:
    """The records that stay, and where each scrubbed stream began a mark."""
    marked: set[Stream] = set()
    for record in records:
        if record.stream not in streams:
            yield record
        elif record.stream not in marked:
            marked.add(record.stream)
            yield LogRecord(record.stream, record.time, mark)
