"""``flowkit code patch``: what turns a folder into a run, as a file."""

from __future__ import annotations

from pathlib import Path

import click

from flowkit.cli.commands.code.differences import differences
from flowkit.cli.commands.code.output import folder_option, note_only_here
from flowkit.cli.commands.code.run_code import RunCode
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.cli.reading_session import metadata_option
from flowkit.errors import PackagingError

__all__ = ["patch"]


@click.command(
    name="patch",
    short_help="Write what turns the files here into a run's.",
    help="Write a patch that turns the files here into those that the run Flow/run ran.",
)
@click.argument("run", metavar="RUN")
@click.option(
    "--file_path",
    "--file-path",
    "file_path",
    cls=FlowkitOption,
    metavar="FILE",
    help="Where to write it. [default: flow_run.patch]",
)
@click.option("--overwrite", is_flag=True, default=False, help="Replace a file that is there.")
@folder_option
@metadata_option
@click.pass_context
def patch(
    ctx: click.Context, run: str, file_path: str | None, overwrite: bool, folder: str, metadata: str | None
) -> None:
    """Write the file; none where there is no difference."""
    context = app_context(ctx)
    code = RunCode.find(context, run, metadata)
    target = Path(file_path or f"{code.file_stem}.patch")
    here = Path(folder)
    text = "".join(differences(code.counterparts(here), code.compared(here), binary=True))
    note_only_here(context.console, code, here)
    if not text:
        context.console.message(f"the files of {code.pathspec} are the same in {here.resolve()}: there is no patch")
        return
    try:
        with target.open("wb" if overwrite else "xb") as file:
            file.write(text.encode())
    except FileExistsError:
        raise PackagingError(f"{target} is there already: give --overwrite, or another --file_path") from None
    except OSError as error:
        raise PackagingError(f"{target} can't be written: {error.strerror}") from None
    context.console.message(f"{target} turns the files here into those of {code.pathspec}: git apply {target}")
