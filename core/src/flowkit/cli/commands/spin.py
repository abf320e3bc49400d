"""``spin``: one task of an earlier run, run again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowkit.cli.console import Console, duration
from flowkit.cli.context import FlowContext, spin_stores
from flowkit.cli.flow_group import flow_context
from flowkit.cli.launching import environment_of, max_log_size_option, run_file_options
from flowkit.cli.options import FlowkitOption
from flowkit.cli.progress import make_progress
from flowkit.cli.progress_lines import reason
from flowkit.cli.stored import find_run
from flowkit.errors import CommandError, NotFound
from flowkit.ids import Pathspec
from flowkit.version import __version__

if TYPE_CHECKING:
    from flowkit.engine.launch import RunResult
    from flowkit.engine.session import Session
    from flowkit.engine.spin import SpinOptions
    from flowkit.model.record import RunRecord, TaskRecord

__all__ = ["spin"]


class _SpinCommand(click.Command):
    """Has the options that it shares with ``run``."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own parameters, the shared ones, and ``--help`` last."""
        own = super().get_params(ctx)
        context = ctx.find_object(FlowContext)
        size = 10 if context is None else context.settings.max_log_size
        return [*own[:-1], max_log_size_option(size), *run_file_options(), *own[-1:]]


@click.command(
    cls=_SpinCommand,
    help="Run one task of an earlier run again, with the inputs that it had then: the latest of a step, or the one "
    "that a pathspec names. Nothing of that run changes, and no other step runs.",
)
@click.argument("pathspec", metavar="STEP|RUN/STEP[/TASK]")
@click.option(
    "--skip-decorators/--no-skip-decorators",
    cls=FlowkitOption,
    default=False,
    help="Leave out the decorators of the step and of the flow.",
)
@click.option(
    "--artifacts-module",
    cls=FlowkitOption,
    metavar="FILE",
    help="A Python file whose dictionary ARTIFACTS replaces artifacts that the step reads, by name; for one input of a "
    "join, a dictionary under 'RUN/STEP/TASK'.",
)
@click.option(
    "--persist/--no-persist",
    cls=FlowkitOption,
    default=False,
    help="Store the artifacts that the step leaves, apart from those of runs; inspect_spin() finds them.",
)
@click.option(
    "--inproc",
    cls=FlowkitOption,
    is_flag=True,
    help="Run the task in this process, on this terminal: breakpoint() and pdb work there.",
)
@click.option(
    "--namespace",
    cls=FlowkitOption,
    help="Look for the step in runs with this tag, which the client sees in the task too; empty for all runs. "
    "[default: user:NAME]",
)
@click.pass_context
def spin(ctx: click.Context, /, pathspec: str, namespace: str | None, **given: Any) -> None:
    """Run a task again; exits with 1 if it fails."""
    context = flow_context(ctx)
    run, task = _find(context, pathspec, namespace)
    context.take_configs_of(run.run_id, namespace)
    context.check_configs()
    with (
        closing(context.session(_compiled(context, skip=given["skip_decorators"]), namespace=namespace)) as origin,
        closing(_session(context, origin, run)) as session,
    ):
        ctx.exit(_run(context, session, _options(context, given, (run, task), origin)))


def _find(context: FlowContext, pathspec: str, namespace: str | None) -> tuple[RunRecord, TaskRecord]:
    """The run and the task. What was opened for it is closed: tasks are forked later, where there is no connection."""
    from flowkit.compile.compiler import CompiledFlow
    from flowkit.engine.spin import find_task

    flow = context.flow_class.__name__
    parts = pathspec.strip("/").split("/")
    if parts[0] == flow and len(parts) > 2:
        parts = parts[1:]
    if len(parts) > 3 or not all(parts):
        raise click.UsageError(f"{pathspec!r} is none of STEP, RUN/STEP and RUN/STEP/TASK")
    Pathspec.parse("/".join((flow, *parts)))
    step = parts[0] if len(parts) == 1 else parts[1]
    run_id = parts[0] if len(parts) > 1 else None
    task_id = parts[2] if len(parts) > 2 else None
    steps = context.compiled.graph.nodes
    if step not in steps:
        raise CommandError(f"{flow} has no step {step!r}; its steps are {', '.join(steps)}")
    with closing(context.session(CompiledFlow.by_name(context.flow_class), namespace=namespace)) as session:
        if run_id is not None:
            find_run(session, run_id)
        task = find_task(session, step, run_id, task_id)
        run = session.metadata.run(flow, task.run_id)
    if run is None:
        raise NotFound(f"there is no run {flow}/{task.run_id} any more")
    return run, task


def _compiled(context: FlowContext, *, skip: bool) -> Any:
    from flowkit.compile.spun import spun

    return spun(context.compile(), skip_decorators=skip)


def _session(context: FlowContext, origin: Session, run: RunRecord) -> Session:
    """Where the task is stored and recorded: in a place of its own, over the run's store."""
    from flowkit.engine.session import Session

    stores = spin_stores(context.settings)
    over = f"{stores['datastore_root']}|{run.datastore}@{run.datastore_root}"
    if run.datastore == "spin":
        over = run.datastore_root
    return Session(
        context.registry,
        context.settings,
        origin.compiled,
        **{**stores, "datastore_root": over},
        username=origin.username,
        namespace=origin.namespace,
    )


def _options(context: FlowContext, given: Any, found: tuple[RunRecord, TaskRecord], origin: Session) -> SpinOptions:
    from flowkit.engine.spin import SpinOptions

    module = given["artifacts_module"]
    if module is not None:
        if not Path(module).is_file():
            raise CommandError(f"--artifacts-module {module}: there is no such file")
        module = str(Path(module).absolute())
    run, task = found
    return SpinOptions(
        max_workers=1,
        max_log_size=given["max_log_size"] << 20,
        run_id_file=given["run_id_file"],
        runner_attribute_file=given["runner_attribute_file"],
        task_start=context.settings.task_start,
        decospecs=context.decospecs(),
        environment=environment_of(context),
        inproc=(task.step,) if given["inproc"] else (),
        flow_options=context.options,
        origin=run,
        task=task,
        origin_session=origin,
        artifacts_module=module,
        skip_decorators=given["skip_decorators"],
        persist=given["persist"],
    )


def _run(context: FlowContext, session: Session, options: SpinOptions) -> int:
    from flowkit.engine.spin import SPUN_TASK_ID
    from flowkit.engine.spin import spin as run_again

    console, task = context.console, options.task
    console.message(f"FlowKit {__version__}: {task.flow} for user:{session.username}", fg="magenta", bold=True)
    progress = make_progress(quiet=console.quiet, in_process=bool(options.inproc))
    try:
        result = run_again(session, options, [progress])
    finally:
        progress.close()
    _report(console, result, f"{task.flow}/{result.run.run_id}/{task.step}/{SPUN_TASK_ID}", kept=options.persist)
    return 0 if result.succeeded else 1


def _report(console: Console, result: RunResult, pathspec: str, *, kept: bool) -> None:
    took = duration((result.run.finished_at or result.run.created_at) - result.run.created_at)
    if not result.succeeded:
        why = reason(result.failed[0][1]) if result.failed else result.failure
        console.error(f"Task {pathspec} failed after {took}: {why}", fg="red", bold=True)
        console.error(f"    look into it:   flowkit debug --metadata spin {pathspec}")
        return
    console.message(f"Task {pathspec} succeeded in {took}", fg="green", bold=True)
    if kept:
        console.message(
            f"    in Python: from flowkit import Task, inspect_spin; inspect_spin(); Task({pathspec!r}).data"
        )
    else:
        console.message("    its artifacts weren't stored; --persist stores them")
