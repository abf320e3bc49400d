"""Writes docs/reference/cli.md from the commands themselves. With --check, fails if the file is out of date."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from reference_text import write_page

from flowkit import FlowSpec, step
from flowkit.cli.context import AppContext, FlowContext
from flowkit.cli.flow_group import FlowGroup
from flowkit.cli.options import no_plugin_option, verbose_option

TARGET = Path(__file__).parent.parent / "docs/reference/cli.md"

HEAD = """\
# Command line

This page is written by `scripts/write_cli_reference.py` from the commands themselves. It has the commands of the core;
`--help` shows those of installed plugins too.

Messages go to stderr, results to stdout. The exit status is 0, 1 for a failure, 2 where the command line was used
wrongly.

Every option is also read from the environment, after the flow's file was imported: `FLOWKIT_DATASTORE` for
`--datastore`, `FLOWKIT_RUN_MAX_WORKERS` for `--max-workers` of `run`. What the command line says counts first.
"""


class Flow(FlowSpec):
    """A flow to ask for its command line."""

    @step
    def start(self) -> None:
        """The only step."""


def reference() -> str:
    """The text of the page."""
    parts = [HEAD, "\n## python FLOW.py\n\nBefore the command:\n\n"]
    context = FlowContext(Flow)
    group = FlowGroup(context)
    with click.Context(group, info_name="python FLOW.py", obj=context) as ctx:
        parts += [*table(group.params, ctx), "\n"]
        for name, command in commands(context):
            parts += section(name, command, ctx)
    app = AppContext()
    top = click.Group(name="flowkit", params=[no_plugin_option(), verbose_option()])
    with click.Context(top, info_name="flowkit", obj=app) as ctx:
        parts += ["\n## flowkit\n\nBefore the command:\n\n", *table(top.params, ctx), "\n"]
        for name, command in commands(app):
            parts += section(name, command, ctx)
    return "".join(parts)


def commands(context: AppContext) -> Iterator[tuple[str, click.Command]]:
    """The core's own commands of a scope."""
    for entry in context.registry.providers("commands"):
        if entry.plugin.name == "builtin" and entry.provider.scope == context.scope:
            yield entry.name, context.registry.load("commands", entry)


def section(name: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    """The paragraphs about a command, and about those in it."""
    with click.Context(command, info_name=name, parent=parent) as ctx:
        usage = " ".join([ctx.command_path, *command.collect_usage_pieces(ctx)])
        if isinstance(command, click.Group):
            yield f"### {ctx.command_path}\n\n{text_of(command)}\n\n"
            # Not those that plugins put into a group of the core's.
            for child in sorted(command.commands):
                yield from section(child, command.commands[child], ctx)
            return
        yield f"### {ctx.command_path}\n\n    {usage}\n\n{text_of(command)}\n\n"
        yield from table(command.get_params(ctx), ctx)
        yield "\n"


def text_of(command: click.Command) -> str:
    """What a command says of itself, each paragraph in one line."""
    paragraphs = (command.help or "").replace("\b", "").split("\n\n")
    return "\n\n".join(" ".join(one.split()) for one in paragraphs if one.strip())


def table(params: list[click.Parameter], ctx: click.Context) -> Iterator[str]:
    """A list of options."""
    for param in params:
        record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
        if record is not None and "--help" not in param.opts:
            declaration, text = record
            yield f"- `{declaration}`: {' '.join(text.split())}\n"


def main() -> int:
    """Write the page, or compare it."""
    # No configuration of this machine shows in defaults.
    for name in [name for name in os.environ if name.startswith("FLOWKIT_")]:
        del os.environ[name]
    os.environ["FLOWKIT_HOME"] = os.devnull
    os.chdir("/")
    return write_page(TARGET, reference(), __file__)


if __name__ == "__main__":
    sys.exit(main())
