"""Starts the command lines: :func:`main` is ``flowkit …``, :func:`run_flow` is ``python flow.py …``."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from flowkit.cli.console import open_missing_streams
from flowkit.cli.context import AppContext, FlowContext
from flowkit.cli.errors import run_guarded
from flowkit.cli.flow_group import FlowGroup
from flowkit.cli.group import RegistryGroup, app_context
from flowkit.cli.options import blocked_plugins, no_plugin_option, verbose_option

__all__ = ["main", "run_flow"]

_ENVIRONMENT_PREFIX = "FLOWKIT"


def run_flow(flow_class: type[Any], args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line of a flow, and exit.

    Parameters
    ----------
    flow_class
        The flow; its file has been imported to the point where this is called.
    args
        In place of ``sys.argv[1:]``.

    Raises
    ------
    SystemExit
        Always: 0, 1 for a failure, 2 where the command line was used wrongly.
    """
    given = list(sys.argv[1:] if args is None else args)
    context = FlowContext(flow_class, blocked_plugins(given))
    sys.exit(_run(FlowGroup(context), given, f"python {context.script}", context))


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line ``flowkit``, and exit as :func:`run_flow` does.

    Parameters
    ----------
    args
        In place of ``sys.argv[1:]``.
    """
    given = list(sys.argv[1:] if args is None else args)
    context = AppContext(blocked_plugins(given))
    group = RegistryGroup(
        name="flowkit",
        help="Run flows, and look after FlowKit itself. A flow's own commands: python FLOW.py --help.",
        params=[no_plugin_option(), verbose_option()],
        callback=_keep_verbosity,
        no_args_is_help=False,
        invoke_without_command=True,
        subcommand_metavar="COMMAND [ARGS]...",
    )
    sys.exit(_run(group, given, "flowkit", context))


@click.pass_context
def _keep_verbosity(ctx: click.Context, /, verbose: int) -> None:
    context = app_context(ctx)
    context.verbose = verbose
    if ctx.invoked_subcommand is None:
        context.console.result(ctx.get_help())


def _run(group: click.Group, args: list[str], program: str, context: AppContext) -> int:
    open_missing_streams()
    # At its end the interpreter looks for garbage among all that was imported; 10 ms of every command go there. What
    # is frozen isn't looked at. Done at the real exit only: a program may catch SystemExit and live on.
    atexit.register(gc.freeze)

    def act() -> None:
        with group.make_context(program, args, obj=context, auto_envvar_prefix=_ENVIRONMENT_PREFIX) as ctx:
            group.invoke(ctx)

    return run_guarded(act, context)
