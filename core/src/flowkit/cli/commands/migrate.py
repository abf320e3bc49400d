"""``flowkit migrate``: rewrites flows that were written for Metaflow."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import click

from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption
from flowkit.errors import CommandError

__all__ = ["migrate"]


@click.command(short_help="Rewrite flows that were written for Metaflow.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--yes", "is_sure", cls=FlowkitOption, is_flag=True, help="Write without asking.")
@click.option("--diff", "only_diff", cls=FlowkitOption, is_flag=True, help="Show what would change; write nothing.")
@click.option(
    "--check",
    "only_check",
    cls=FlowkitOption,
    is_flag=True,
    help="Write nothing; the exit status is 1 if anything would change, or can't be read.",
)
@click.pass_context
def migrate(ctx: click.Context, files: tuple[str, ...], is_sure: bool, only_diff: bool, only_check: bool) -> None:
    """Rewrite the imports and names of Metaflow in Python files, notebooks and folders of them.

    Shows the difference first and asks. Names that FlowKit doesn't have stay as they are and are told, with their
    lines; so are folders and texts that name Metaflow. A file that can't be read as Python stays as it is, and the exit
    status is 1 then. Needs libcst: pip install libcst.
    """
    console = app_context(ctx).console
    if find_spec("libcst") is None:
        raise CommandError("flowkit migrate reads sources with libcst, which isn't installed: pip install libcst")
    from flowkit.cli.migrate.files import find_files, migrated, write_file
    from flowkit.cli.migrate.names import NameTable

    names = NameTable(app_context(ctx).registry)
    results = [migrated(path, names) for path in find_files(files)]
    changed = [one for one in results if one.is_changed]
    if not only_check or only_diff:
        for one in changed:
            console.result(one.diff().rstrip("\n"))
    for one in results:
        for line in one.findings:
            console.error(line)
    is_unread = any(one.is_unread for one in results)
    if not changed:
        if not is_unread:
            console.message("Nothing is to be changed")
    elif only_check:
        for one in changed:
            console.message(f"{one.path} would be changed")
        ctx.exit(1)
    elif not only_diff and _may_write(len(changed), is_sure):
        for one in changed:
            write_file(one)
        console.message(f"{_files(len(changed))} written")
    ctx.exit(1 if is_unread else 0)


def _may_write(count: int, is_sure: bool) -> bool:
    if is_sure:
        return True
    if not sys.stdin.isatty():
        raise CommandError("nothing is written, for there is no terminal to ask at: give --yes, or --diff to look only")
    return click.confirm(f"Write {_files(count)}?", err=True)


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"
