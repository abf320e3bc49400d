"""``flowkit plugins trace``: what a command asks of the plugins, in order, and how long each took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import click

from flowkit.cli.console import Console
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.errors import CommandError
from flowkit.kernel.tracing import TraceEvent
from flowkit.settings import PREFIX

__all__ = ["trace"]


@click.command(
    "trace",
    short_help="Show what a command asks of the plugins, with times.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("--plugin", "only", cls=FlowkitOption, metavar="NAME", help="Show one plugin's only.")
@click.option(
    "--json",
    "as_json",
    cls=FlowkitOption,
    is_flag=True,
    help="Write a JSON list; what the command writes goes to stderr.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[--] [COMMAND]...")
@click.pass_context
def trace(ctx: click.Context, only: str | None, as_json: bool, command: tuple[str, ...]) -> None:
    """Run COMMAND and show what it asked of the plugins: imports, hooks and loads, in order, with the time of each.

    COMMAND is a flow's file and its arguments (flowkit plugins trace flow.py run), flowkit and its arguments, or any
    program; without one, what listing all plugins asks is shown. Ends as COMMAND does. FLOWKIT_TRACE_PLUGINS=1 shows
    the same on stderr while any command runs, FLOWKIT_TRACE_PLUGINS=FILE adds it to a file as JSON lines.
    """
    context = app_context(ctx)
    blocked = {f"{PREFIX}NO_PLUGIN": names} if (names := context.registry.variables().get(f"{PREFIX}NO_PLUGIN")) else {}
    status, events = _run(_arguments(command), blocked, quiet=not command, to_stderr=as_json)
    chosen = [event for event in events if only in (None, event.plugin)]
    if as_json:
        import json

        context.console.result(json.dumps([attrs.asdict(event) for event in chosen], indent=2))
    else:
        _show(context.console, chosen)
    ctx.exit(status)


def _arguments(command: Sequence[str]) -> list[str]:
    """What to start: files of Python by this interpreter, and this FlowKit whatever is on the path."""
    flowkit = [sys.executable, "-c", "from flowkit.cli.main import main; main()"]
    if not command:
        return [*flowkit, "plugins", "list"]
    if command[0] == "flowkit":
        return [*flowkit, *command[1:]]
    return [sys.executable, *command] if command[0].endswith(".py") else list(command)


def _run(
    arguments: list[str], variables: Mapping[str, str], *, quiet: bool, to_stderr: bool
) -> tuple[int, list[TraceEvent]]:
    with tempfile.TemporaryDirectory(prefix="flowkit-") as folder:
        file = Path(folder) / "trace"
        output: Any = subprocess.DEVNULL if quiet else sys.stderr.fileno() if to_stderr else None
        environment = {**os.environ, **variables, f"{PREFIX}TRACE_PLUGINS": str(file)}
        try:
            status = subprocess.run(arguments, env=environment, stdout=output, check=False).returncode
        except OSError as error:
            raise CommandError(f"{arguments[0]!r} can't be started: {error.strerror}") from None
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return (status if status >= 0 else 128 - status), sorted(
        map(TraceEvent.from_json, lines), key=lambda one: one.start
    )


def _show(console: Console, events: Sequence[TraceEvent]) -> None:
    if not events:
        console.result("nothing was asked of a plugin")
        return
    first, processes = events[0].start, list(dict.fromkeys(event.pid for event in events))
    width = max(len(event.plugin) for event in events)
    console.result(f"{'at ms':>9}  {'took ms':>8}  process  {'plugin':<{width}}  what")
    for event in events:
        what = event.name if event.what == "hook" else f"{event.what} {event.name}"
        console.result(
            f"{(event.start - first) * 1000:9.1f}  {event.seconds * 1000:8.2f}  {processes.index(event.pid) + 1:>7}  "
            f"{event.plugin:<{width}}  {what}{f' raised {event.error}' if event.error else ''}"
        )
    totals: dict[str, float] = {}
    for event in events:
        totals[event.plugin] = totals.get(event.plugin, 0.0) + event.seconds
    slowest = sorted(totals.items(), key=lambda one: -one[1])
    console.result("in all: " + ", ".join(f"{plugin} {seconds * 1000:.1f} ms" for plugin, seconds in slowest))
