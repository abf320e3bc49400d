"""``flowkit gc``: what no run needs any more goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from flowkit.cli.group import app_context
from flowkit.cli.options import FlowkitOption

__all__ = ["gc"]

F = TypeVar("F", bound=Callable[..., Any])

_HELP = """Collect garbage: runs that you choose, and what no run needs any more.

WHAT is a flow, or a run as FLOW/RUN; all flows if none is given. Without --delete nothing is changed: what would be
collected is shown. Without --older-than, --keep-last, --status, --tag and FLOW/RUN no run is chosen, and only content
that no run names is collected. Running runs, and what they were resumed from, are never collected.
"""


def _option(*names: str, **attributes: Any) -> Callable[[F], F]:
    return click.option(*names, cls=FlowkitOption, **attributes)


@click.command(help=_HELP)
@click.argument("what", nargs=-1)
@_option("--older-than", metavar="AGE", help="Runs that ended that long ago or earlier: 30d, 12h.")
@_option("--keep-last", type=click.IntRange(min=0), metavar="N", help="All but the newest N runs of each flow.")
@_option(
    "--status",
    "statuses",
    type=click.Choice(["succeeded", "failed", "dead"]),
    multiple=True,
    help="Runs that ended so; dead ones were killed (repeatable).",
)
@_option("--tag", "tags", multiple=True, metavar="TAG", help="Runs that have all of these tags (repeatable).")
@_option("--keep-tag", "keep_tags", multiple=True, metavar="TAG", help="Keep runs that have this tag (repeatable).")
@_option("--user", metavar="NAME", help="Only runs of this user.")
@_option("--namespace", metavar="NAME", help="Only runs of this namespace. [default: the one in force]")
@_option("--all-namespaces", is_flag=True, help="Runs of all namespaces.")
@_option(
    "--unrecorded",
    is_flag=True,
    help="Also runs in the datastore that this metadata doesn't have: those of others who share it!",
)
@_option("--keep-records", is_flag=True, help="Keep the records of collected runs; only their artifacts go.")
@_option("--grace", metavar="AGE", help="Spare content that was written or found since. [default: FLOWKIT_GC_GRACE]")
@_option("--datastore", metavar="NAME", help="Only this datastore. [default: all that recorded runs name]")
@_option("--datastore-root", metavar="ROOT", help="Its folder or URL.")
@_option("--metadata", metavar="NAME[@LOCATION]", help="Where runs are recorded.")
@_option("--delete/--dry-run", default=False, help="Do it; or show what would be done (the default).")
@_option("--yes", is_flag=True, help="The same as --delete.")
@_option("--show-kept", is_flag=True, help="Show the runs that are kept, too, and why.")
@_option("--json", "as_json", is_flag=True, help="Write one JSON object in place of text.")
@click.pass_context
def gc(ctx: click.Context, /, **options: Any) -> None:
    """Show or do it, store by store; exit status 1 if one of them failed."""
    from flowkit.cli.collecting import collect

    if not collect(app_context(ctx), options):
        ctx.exit(1)
