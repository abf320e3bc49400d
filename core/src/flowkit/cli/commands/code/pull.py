"""``flowkit code pull``: a run's files."""

from __future__ import annotations

from pathlib import Path

import click

from flowkit.cli.commands.code.run_code import RunCode
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.cli.reading_session import metadata_option
from flowkit.errors import PackagingError

__all__ = ["pull"]


@click.command(
    name="pull",
    short_help="Write a run's files to a new folder.",
    help="Write the files that the run Flow/run ran to a new folder.",
)
@click.argument("run", metavar="RUN")
@click.option(
    "--dir", "folder", cls=FlowkitOption, metavar="FOLDER", help="The folder to make. [default: flow_run_code]"
)
@metadata_option
@click.pass_context
def pull(ctx: click.Context, run: str, folder: str | None, metadata: str | None) -> None:
    """Make the folder; one that has anything in it is left as it is."""
    context = app_context(ctx)
    code = RunCode.find(context, run, metadata)
    target = Path(folder or f"{code.file_stem}_code")
    try:
        target.mkdir(parents=True, exist_ok=True)
        if any(target.iterdir()):
            raise PackagingError(f"{target} isn't empty: name another folder with --dir")
    except OSError as error:
        raise PackagingError(f"{target} can't be made: {error.strerror}") from None
    code.archive.unpack(target, with_info=True)
    context.console.message(f"{len(code.archive.names())} files of {code.pathspec} are in {target}")
