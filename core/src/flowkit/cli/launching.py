"""What ``run`` and ``resume`` share: their options, and a run from its banner to its exit status."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import Any

import click

from flowkit.cli.context import FlowContext
from flowkit.cli.launch_report import report_end
from flowkit.cli.options import FlowkitOption
from flowkit.cli.progress import make_progress
from flowkit.errors import CommandError, TagError
from flowkit.model.tag import user_tags_of
from flowkit.version import __version__

__all__ = ["LaunchCommand", "environment_of", "launch_flow", "max_log_size_option", "run_file_options"]

#: How command lines written elsewhere call them.
_OTHER_NAMES = {
    "debugLogger": "debug",
    "debugMonitor": "debug",
    "nullSidecarLogger": "null",
    "nullSidecarMonitor": "null",
}


class LaunchCommand(click.Command):
    """A command that starts a run: it has the options for that besides its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; where ``--config`` is among them, say where it stands."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if error.option_name not in ("--config", "--config-value"):
                raise
            group = ctx.find_root().command_path
            raise click.UsageError(
                f"{error.option_name} stands before the command: {group} {error.option_name} … {ctx.info_name}", ctx
            ) from None

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own parameters, the shared options, and ``--help`` last."""
        own = super().get_params(ctx)
        return [*own[:-1], *_launch_options(_settings_defaults(ctx)), *own[-1:]]


def launch_flow(
    context: FlowContext,
    given: Mapping[str, Any],
    parameters: Mapping[str, Any],
    *,
    namespace: str | None = None,
    **resume: Any,
) -> int:
    """Run the flow, showing its progress, and say how it ended.

    Parameters
    ----------
    given
        Values of the shared options.
    parameters
        The flow's parameters that were given, by attribute.
    namespace
        For client calls in the tasks; empty for all runs, None for what the configuration says.
    resume
        Those of ``LaunchOptions`` that are about resuming.

    Returns
    -------
    int
        The exit status.

    Raises
    ------
    CommandError
        With ``--mode spin``.
    """
    from flowkit.engine.launch import LaunchOptions, launch

    console = context.console
    if context.options.get("mode") == "spin":
        _refuse_mode_spin("resume" if resume.get("resume") else "run")
    if resume.get("resume"):
        context.take_configs_of(resume["origin_run_id"], namespace)
    context.check_configs()
    compiled = context.compile(given["decospecs"])
    with closing(context.session(compiled, namespace=namespace)) as session:
        console.message(f"FlowKit {__version__}: {compiled.name} for user:{session.username}", fg="magenta", bold=True)
        progress = make_progress(quiet=console.quiet, in_process=bool(given["inproc"]))

        def explain(line: str) -> None:
            # Not by the console: the display may be there.
            if context.verbose:
                progress.message(line)

        options = LaunchOptions(
            max_workers=given["max_workers"],
            max_num_splits=given["max_num_splits"],
            max_log_size=given["max_log_size"] << 20,
            tags=given["tags"],
            run_id_file=given["run_id_file"],
            runner_attribute_file=given["runner_attribute_file"],
            task_start=given["task_start"],
            inproc=given["inproc"],
            environment=environment_of(context),
            decospecs=context.decospecs(given["decospecs"]),
            explain=explain,
            flow_options=context.options,
            package_suffixes=context.package_suffixes,
            event_logger=_telemetry(context, "event_logger"),
            monitor=_telemetry(context, "monitor"),
            **resume,
        )
        try:
            result = launch(session, options, parameters, [progress])
        finally:
            progress.close()
    report_end(console, context.script, result)
    return 0 if result.succeeded or result.held is not None else 1


def _refuse_mode_spin(command: str) -> None:
    raise CommandError(
        f"{command!r} starts a run, and --mode spin is for commands about the tasks that spin ran: give {command!r} "
        "without it, or 'spin STEP' to run one task again"
    )


def environment_of(context: FlowContext) -> str:
    """Which environment tasks run in. Raises UnknownCapability for one that no plugin provides."""
    name: str = context.options.get("environment") or "local"
    if name != "local":
        context.registry.entry("environments", name)
    return name


def _telemetry(context: FlowContext, option: str) -> str | None:
    """Which event logger, or monitor: by the option, else by the configuration; None for none."""
    name = context.options.get(option) or context.settings.get(f"DEFAULT_{option.upper()}")
    name = _OTHER_NAMES.get(name or "null", name)
    if name in (None, "null"):
        return None
    # Told before the run begins, with the names that there are.
    context.registry.entry(f"{option}s", name)
    return name


def _settings_defaults(ctx: click.Context) -> Mapping[str, Any]:
    context = ctx.find_object(FlowContext)
    if context is None:  # asked for its options outside of a command line
        return {"max_workers": 16, "max_num_splits": None, "max_log_size": 10, "task_start": "auto"}
    settings = context.settings
    return {
        "max_workers": settings.max_workers,
        "max_num_splits": settings.max_num_splits,
        "max_log_size": settings.max_log_size,
        "task_start": settings.task_start,
    }


def _launch_options(defaults: Mapping[str, Any]) -> list[click.Parameter]:
    return [
        FlowkitOption(
            ["--max-workers"],
            type=click.IntRange(min=1),
            metavar="N",
            default=defaults["max_workers"],
            show_default=True,
            help="How many tasks may run at once on this machine.",
        ),
        FlowkitOption(
            ["--max-num-splits"],
            type=click.IntRange(min=1),
            metavar="N",
            default=defaults["max_num_splits"],
            help="Fail where a foreach has more items than this. [default: no limit, and a warning at more than 100]",
        ),
        max_log_size_option(defaults["max_log_size"]),
        FlowkitOption(["--tag", "tags"], multiple=True, callback=_check_tags, help="Give the run a tag (repeatable)."),
        FlowkitOption(
            ["--with", "decospecs"],
            multiple=True,
            metavar="DECORATOR",
            help="Add a decorator to every step that doesn't have it, as NAME or NAME:KEY=VALUE,… (repeatable).",
        ),
        *run_file_options(),
        FlowkitOption(
            ["--inproc"],
            multiple=True,
            metavar="STEP",
            help="Run the tasks of this step in this process, on this terminal: breakpoint() and pdb work there "
            "(repeatable).",
        ),
        FlowkitOption(
            ["--task-start"],
            type=click.Choice(["auto", "fork", "spawn"]),
            default=defaults["task_start"],
            show_default=True,
            help="How tasks on this machine get a process: a fork of one that has imported the flow, a fresh "
            "interpreter (spawn), or whichever is safe and fast.",
        ),
    ]


def max_log_size_option(default: int) -> click.Option:
    """``--max-log-size``."""
    return FlowkitOption(
        ["--max-log-size"],
        type=click.IntRange(min=1),
        metavar="MB",
        default=default,
        show_default=True,
        help="How many megabytes of a task's stdout, and of its stderr, are stored; what follows is only shown.",
    )


def run_file_options() -> list[click.Option]:
    """``--run-id-file`` and ``--runner-attribute-file``."""
    return [
        FlowkitOption(
            ["--run-id-file"], metavar="FILE", help="Write the run's id to this file before the first task starts."
        ),
        FlowkitOption(
            ["--runner-attribute-file"],
            metavar="FILE",
            help="Write the flow's name, the run's id and where it is recorded to this file, as JSON, before the first "
            "task starts.",
        ),
    ]


def _check_tags(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return user_tags_of(value, ())
    except TagError as error:
        raise click.BadParameter(error.message, ctx, param) from None
