"""What the commands that compare code share."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from flowkit.cli.commands.code.differences import coloured, differences
from flowkit.cli.commands.code.run_code import RunCode
from flowkit.cli.console import Console, may_colour
from flowkit.cli.options import FlowkitOption
from flowkit.errors import CommandError

__all__ = ["folder_option", "note_only_here", "write_differences"]

_MOST_NAMED = 10


def folder_option(command: Any) -> Any:
    """``--dir``: the folder that is compared."""
    return click.option(
        "--dir",
        "folder",
        cls=FlowkitOption,
        metavar="FOLDER",
        default=".",
        callback=_check_folder,
        help="The folder of the flow's file. [default: the working folder]",
    )(command)


def _check_folder(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not Path(value).is_dir():
        what = f"{value!r} is a file" if Path(value).exists() else f"there is no folder {value!r}"
        raise CommandError(f"--dir: {what}")
    return value


def write_differences(console: Console, old: Mapping[str, bytes], new: Mapping[str, bytes]) -> bool:
    """Write them to stdout, with colours if that is a terminal. Returns whether there are any."""
    colour = may_colour(sys.stdout)
    found = False
    for line in differences(old, new):
        found = True
        console.result_bytes((coloured(line) if colour else line).encode())
    return found


def note_only_here(console: Console, code: RunCode, folder: Path) -> None:
    """Say which files were left out of the comparison."""
    names = list(code.only_in(folder))
    if names:
        shown = ", ".join(names[:_MOST_NAMED]) + (
            f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        )
        console.message(f"not in {code.pathspec}, and not compared: {shown}")
