"""``local execute``: what a background run's process does. Users don't call it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from flowkit.builtin.local_deployer.run_folder import RunFolder
from flowkit.cli.context import FlowContext
from flowkit.cli.group import flow_context
from flowkit.cli.launching import launch_flow
from flowkit.cli.parameters import given_values

__all__ = ["execute"]


@click.command("execute", hidden=True, help="Run what a run's folder asks for.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_context
def execute(ctx: click.Context, /, folder: Path) -> None:
    """Run the flow, and record how that ended; exits with 1 if it fails."""
    run = RunFolder(folder)
    request = run.request
    context = flow_context(ctx)
    # The flow's group: a command of it is parsed below.
    above = ctx.parent.parent if ctx.parent is not None else None
    _take_options(context, request)
    with _limited(run, request["workflow_timeout"]) as limit:
        code = 1
        try:
            code = _launch(context, above, run, request)
        finally:
            limit.is_off = True
            run.end(code, timed_out=limit.is_over)
    ctx.exit(code)


class _Limit:
    is_over = False
    #: Set once the run has ended: that it has is being written, and the signal may come meanwhile.
    is_off = False


@contextmanager
def _limited(run: RunFolder, seconds: float | None) -> Iterator[_Limit]:
    """End this process as a user would, when the time is over."""
    limit = _Limit()
    if seconds is None:
        yield limit
        return

    def end(*_: Any) -> None:
        if limit.is_off:
            return
        limit.is_over = True
        # Now, for the signal may find this process where it ends it at once.
        run.end(1, timed_out=True)
        os.kill(os.getpid(), signal.SIGTERM)

    signal.signal(signal.SIGALRM, end)
    # Forked processes don't inherit it.
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield limit
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _take_options(context: FlowContext, request: Mapping[str, Any]) -> None:
    datastore, metadata = request["datastore"], request["metadata"]
    context.options = {
        **context.options,
        **request["flow_options"],
        "datastore": datastore["name"],
        "datastore_root": datastore["root"],
        "metadata": f"{metadata['name']}@{metadata['root']}",
    }
    context.use_configs(request["configs"])


def _launch(context: FlowContext, above: click.Context | None, run: RunFolder, request: Mapping[str, Any]) -> int:
    command: click.Command = context.registry.get("commands", "run", scope="flow")
    with command.make_context("run", _arguments(run, request), parent=above) as parsed:
        given = dict(parsed.params)
        namespace = given.pop("namespace")
        return launch_flow(
            context,
            given,
            given_values(context, given),
            namespace=namespace,
            run_id=run.path.name,
            system_tags=tuple(request["system_tags"]),
        )


def _arguments(run: RunFolder, request: Mapping[str, Any]) -> list[str]:
    arguments = [
        f"--max-workers={request['max_workers']}",
        f"--namespace={request['namespace']}",
        f"--run-id-file={run.started_file}",
        *(f"--tag={tag}" for tag in request["tags"]),
        *(f"--with={decospec}" for decospec in request["decospecs"]),
    ]
    for name, value in request["parameters"].items():
        arguments += [f"--{name}={text}" for text in ([value] if isinstance(value, str) else value)]
    return arguments
