"""``tutorials pull``: copies tutorials into a folder of the user's."""

from __future__ import annotations

from pathlib import Path

import click

from flowkit.cli.commands.tutorials.catalog import Tutorial, select, tutorial_choice
from flowkit.cli.console import Console
from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.errors import FlowkitError

__all__ = ["pull"]


@click.command(help="Copy the tutorials into a folder. A file that is there already stays as it is.")
@tutorial_choice()
@click.option(
    "--to",
    cls=FlowkitOption,
    metavar="FOLDER",
    default="flowkit-tutorials",
    show_default=True,
    help="Where they go; each gets a folder there.",
)
@click.pass_context
def pull(ctx: click.Context, episode: str | None, to: str) -> None:
    """Copy files; say on stderr which were kept, and on stdout which folders there are now."""
    console = app_context(ctx).console
    for tutorial in select(episode):
        folder = Path(to) / tutorial.name
        try:
            _copy(tutorial, folder, console)
        except OSError as error:
            raise FlowkitError(
                f"{tutorial.name} can't be copied to {folder} ({error.strerror}): name another folder with --to"
            ) from error
        console.result(str(folder))


def _copy(tutorial: Tutorial, folder: Path, console: Console) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for source in tutorial.files():
        target = folder / source.name
        content = source.read_bytes()
        try:
            # Only a file that isn't there is made, whoever else makes one meanwhile.
            with open(target, "xb") as file:
                file.write(content)
        except FileExistsError:
            if not target.is_file() or target.read_bytes() != content:
                console.message(f"{target} is there already and stays as it is")
