"""What is said when a run has ended: how, and where to look or what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowkit.cli.console import Console, duration
from flowkit.cli.progress_lines import reason

if TYPE_CHECKING:
    from flowkit.engine.launch import RunResult
    from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["report_end"]

#: Failed tasks that are named one by one.
_MOST_FAILURES = 5


def report_end(console: Console, script: str, result: RunResult) -> None:
    """Say how a run ended: a success quietly, a failure always."""
    run = result.run
    pathspec = f"{run.flow}/{run.run_id}"
    took = duration((run.finished_at or run.created_at) - run.created_at)
    if result.succeeded:
        console.message(f"Run {pathspec} succeeded in {took}", fg="green", bold=True)
        console.message(f"    its results in Python: from flowkit import Run; Run({pathspec!r}).data")
        return
    flow = f"python {_quoted(script)}"
    if result.held is not None:
        console.message(f"Run {pathspec} took over all that could be taken over; nothing was run", bold=True)
        console.message(f"    to go on:       {flow} resume --origin-run-id {run.run_id}")
        return
    named = [_failed(spec, outcome) for spec, outcome in result.failed[:_MOST_FAILURES]] or [result.failure]
    if (more := len(result.failed) - _MOST_FAILURES) > 0:
        named.append(f"and {more} more task{'s' if more > 1 else ''}")
    head = f"Run {pathspec} failed after {took}:"
    console.error(f"{head} {named[0]}" if len(named) == 1 else head, fg="red", bold=True)
    if len(named) > 1:
        for line in named:
            console.error(f"    {line}")
    if result.failed:
        spec = result.failed[0][0]
        console.error(f"    what it wrote:  {flow} logs {run.run_id}/{spec.step}/{spec.task_id}")
        console.error(f"    look into it:   flowkit debug {pathspec}/{spec.step}/{spec.task_id}")
    console.error(f"    to go on:       {flow} resume")


def _failed(spec: TaskSpec, outcome: TaskOutcome) -> str:
    attempts = f", attempt {spec.attempt}" if spec.attempt else ""
    return f"step {spec.step}, task {spec.task_id}{attempts}: {reason(outcome)}"


def _quoted(path: str) -> str:
    import shlex

    return shlex.quote(path)
