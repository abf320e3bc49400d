"""What ``flowkit show`` tells: lines of text, from records and manifests. No stored value is loaded."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime

import click

from flowkit.artifacts.layout import manifest_key
from flowkit.cli.console import duration, may_colour
from flowkit.cli.plain_values import plain_value
from flowkit.cli.stored import StoredStep, TaskPath, find_run
from flowkit.client.liveness import last_sign, status_of
from flowkit.engine.session import Session
from flowkit.errors import FlowkitError, NotFound
from flowkit.model.artifact import ArtifactEntry
from flowkit.model.record import Page, RunRecord, TaskFilter, TaskRecord, TaskStatus

__all__ = ["flow_lines", "run_lines", "step_lines", "task_lines"]

_COLOURS = {"succeeded": "green", "failed": "red", "running": "yellow"}
_PARAMETERS = ("_parameters", "0", 0)
_STATUSES: tuple[TaskStatus, ...] = ("succeeded", "failed", "running", "cancelled")


def flow_lines(session: Session, limit: int) -> Iterator[str]:
    """The latest runs of the session's flow. Raises NotFound if it has none."""
    flow, metadata = session.compiled.name, session.metadata
    page = metadata.runs(flow, page=Page(limit=limit))
    if not page.items:
        known = ", ".join(metadata.flows()) or "none"
        raise NotFound(f"there are no runs of a flow {flow!r} in {metadata.location}; flows with runs: {known}")
    rows = [("run", "status", "started", "took", "user", "tags")]
    for run in page.items:
        rows.append((run.run_id, status_of(run), _at(run.created_at), _took(run), run.username, ", ".join(run.tags)))
    yield from _table(rows, status=1)
    if page.next is not None:
        yield f"and older ones: --limit shows more than {limit}"


def run_lines(session: Session, run_id: str) -> Iterator[str]:
    """One run: how it went, its parameters, its steps. Raises NotFound."""
    run = find_run(session, run_id)
    status = status_of(run)
    facts = [
        ("run", f"{run.flow}/{run.run_id}"),
        ("status", _coloured(status, status)),
        ("started", f"{_at(run.created_at)} by {run.username}"),
        ("took" if status != "running" else "runs for", _took(run)),
    ]
    if failure := run.info.get("failure"):
        facts.append(("failure", str(failure)))
    elif status == "failed" and run.status == "running":
        facts.append(("failure", f"its launching process gave no sign of life since {_at(last_sign(run))}"))
    if run.origin_run_id:
        facts.append(("resumes", f"{run.flow}/{run.origin_run_id}"))
    facts.append(("tags", ", ".join(run.tags) or "none"))
    facts.append(("datastore", f"{run.datastore} at {run.datastore_root}"))
    facts.append(("code", _code(run)))
    yield from _facts(facts)
    yield from _parameters(session, run)
    rows = [("step", "tasks", "status", "first started")]
    for step in reversed(session.metadata.steps(run.flow, run.run_id)):
        if not step.step.startswith("_"):
            counts = {
                one: session.metadata.count_tasks(run.flow, run_id, TaskFilter(step.step, one)) for one in _STATUSES
            }
            told = ", ".join(f"{count} {_left(one, status)}" for one, count in counts.items() if count)
            rows.append((step.step, str(sum(counts.values())), told, _at(step.created_at)))
    yield ""
    yield from _table(rows) if len(rows) > 1 else ["no step has begun"]


def step_lines(session: Session, run_id: str, step: str, limit: int) -> Iterator[str]:
    """The tasks of a step, oldest first. Raises NotFound if there are none."""
    run = find_run(session, run_id)
    with closing(StoredStep(session, TaskPath(run.flow, run_id, step, None))) as stored:
        rows = [("task", "status", "attempts", "item", "started", "took")]
        more = False
        for task in stored.tasks():
            if len(rows) > limit:
                more = True
                break
            status = _left(task.status, status_of(run))
            took = "" if task.finished_at is None else duration(task.finished_at - task.created_at)
            rows.append((task.task_id, status, str(task.attempt + 1), task.index_path, _at(task.created_at), took))
    yield f"{run.flow}/{run_id}/{step}"
    yield ""
    yield from _table(rows, status=1)
    if more:
        yield f"and more: --limit shows more than {limit}"


def task_lines(session: Session, run_id: str, step: str, task_id: str) -> Iterator[str]:
    """One task: its attempts, and names, types and sizes of its artifacts. Raises NotFound."""
    run = find_run(session, run_id)
    with closing(StoredStep(session, TaskPath(run.flow, run_id, step, task_id))) as stored:
        task = next(stored.tasks())
        status = _left(task.status, status_of(run))
        facts = [("task", f"{run.flow}/{run_id}/{step}/{task_id}"), ("status", _coloured(status, status))]
        facts.append(("started", _at(task.created_at)))
        if task.finished_at is not None:
            facts.append(("took", duration(task.finished_at - task.created_at)))
        if task.frames:
            facts.append(("item", ", ".join(_frame(*frame) for frame in task.frames)))
        if task.parents:
            facts.append(("inputs", ", ".join(task.parents)))
        if task.origin_pathspec:
            facts.append(("copy of", task.origin_pathspec))
        yield from _facts(facts)
        yield from _attempts(session, task)
        manifest = stored.manifest(task)
    artifacts = {} if manifest is None else manifest.artifacts
    entries = {name: entry for name, entry in artifacts.items() if not name.startswith("_")}
    yield ""
    if not entries:
        yield "it has no artifacts"
        return
    yield from _table([("artifact", "type", "bytes"), *(_artifact(name, entries[name]) for name in sorted(entries))])


def _attempts(session: Session, task: TaskRecord) -> Iterator[str]:
    for attempt in session.metadata.attempts(task.flow, task.run_id, task.step, task.task_id):
        took = "" if attempt.finished_at is None else f" in {duration(attempt.finished_at - attempt.started_at)}"
        failure = f": {attempt.failure}" if attempt.failure else ""
        yield f"attempt {attempt.attempt}  {_coloured(attempt.status, attempt.status)}{took}{failure}"


def _parameters(session: Session, run: RunRecord) -> Iterator[str]:
    with closing(StoredStep(session, TaskPath(run.flow, run.run_id, _PARAMETERS[0], None))) as stored:
        try:
            manifest = stored.store.read_manifest(manifest_key(run.flow, run.run_id, *_PARAMETERS))
        except FlowkitError as error:
            yield f"parameters  can't be read: {error.message}"
            return
    shown = {name: entry for name, entry in manifest.artifacts.items() if not name.startswith("_")}
    if shown:
        yield ""
        rows = [(name, plain_value(entry)) for name, entry in sorted(shown.items())]
        yield from _table([("parameter", "value"), *rows])


def _artifact(name: str, entry: ArtifactEntry) -> tuple[str, str, str]:
    return name, entry.type.removeprefix("builtins."), str(entry.size)


def _frame(step: str, task_id: str, variable: str, index: int, count: int | None) -> str:
    return f"{variable or 'num_parallel'}[{index}]{'' if count is None else f' of {count}'} from {step}/{task_id}"


def _code(run: RunRecord) -> str:
    if not run.code:
        return "not stored"
    git = run.info.get("git") or {}
    if "commit" not in git:
        return run.code[:12]
    where = f"{git['branch']} " if "branch" in git else ""
    return f"{run.code[:12]}, git {where}{git['commit'][:12]}{' with changes' if git.get('dirty') else ''}"


def _left(status: str, run_status: str) -> str:
    """The status of a task: what ran when its launching process died doesn't run any more."""
    return "left unfinished" if status == "running" and run_status != "running" else status


def _took(run: RunRecord) -> str:
    if run.finished_at is not None:
        return duration(run.finished_at - run.created_at)
    return duration(last_sign(run) - run.created_at)


def _at(time: float) -> str:
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S")


def _coloured(text: str, status: str) -> str:
    colour = _COLOURS.get(status)
    return click.style(text, fg=colour) if colour and may_colour(sys.stdout) else text


def _facts(facts: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        yield f"{name:<{width}}  {value}"


def _table(rows: Sequence[tuple[str, ...]], status: int | None = None) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)]
        if status is not None and number:
            cells[status] = _coloured(cells[status], row[status])
        yield "  ".join(cells).rstrip()
