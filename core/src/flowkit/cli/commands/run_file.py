"""``flowkit run FILE``: a flow's file, run without naming Python."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from flowkit.cli.config_options import config_options
from flowkit.cli.group import app_context
from flowkit.cli.options import blocked_plugins, flow_options
from flowkit.task.failure import format_failure
from flowkit.task.user_module import find_flow_class, load_flow_file

__all__ = ["run_file"]


class _RunFileCommand(click.Command):
    """Takes the options of a flow's command line, then the file, then the arguments of its ``run``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; those before the file are passed on as they were written."""
        written = list(args)
        left = super().parse_args(ctx, args)
        after: tuple[str, ...] = ctx.params["arguments"]
        ctx.params["before"] = tuple(written[: len(written) - len(after) - 1])
        ctx.params = {name: ctx.params[name] for name in ("file", "arguments", "before")}
        return left


@click.command(
    cls=_RunFileCommand,
    params=[
        *flow_options(),
        *config_options(()),
        click.Argument(["file"], metavar="FILE", type=click.Path(exists=True, dir_okay=False)),
        click.Argument(["arguments"], metavar="[ARGS]...", nargs=-1, type=click.UNPROCESSED),
    ],
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    help="Run the flow that FILE defines: as 'python FILE [OPTIONS] run [ARGS]'. 'flowkit run FILE --help' shows the "
    "flow's parameters.",
)
@click.pass_context
def run_file(ctx: click.Context, file: str, arguments: tuple[str, ...], before: tuple[str, ...]) -> NoReturn:
    """Run a flow's file as ``__main__``, and exit as its command line does."""
    from flowkit.cli.main import run_flow

    # What stands before the word run holds too.
    own = blocked_plugins([*before, *arguments])
    blocked = [f"--no-plugin={name}" for name in app_context(ctx).blocked_plugins if name not in own]
    try:
        module = load_flow_file(file, [*blocked, *before, "run", *arguments])
    except Exception as error:
        sys.stderr.write(format_failure(error))
        sys.exit(1)
    # The file doesn't end by calling its flow.
    run_flow(find_flow_class(module, None))
