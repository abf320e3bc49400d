"""What ``tag add``, ``tag remove`` and ``tag replace`` share: the run that they change, and what they show after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any, TypeVar

import click

from flowkit.cli.commands.tag.display import TagGroup, sections
from flowkit.cli.flow_group import flow_context
from flowkit.cli.options import FlowkitOption
from flowkit.cli.stored import find_run
from flowkit.engine.session import Session
from flowkit.errors import NamespaceMismatch

__all__ = ["change_tags", "run_options"]

F = TypeVar("F", bound=Callable[..., Any])


def run_options(function: F) -> F:
    """``--run-id`` and ``--namespace``."""
    return click.option("--run-id", cls=FlowkitOption, metavar="RUN", help="The run to change. [required]")(
        click.option(
            "--namespace",
            cls=FlowkitOption,
            metavar="TAG",
            help="The run must have this tag; empty for any run. [default: user:NAME]",
        )(function)
    )


def change_tags(
    ctx: click.Context,
    run_id: str | None,
    namespace: str | None,
    *,
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
) -> None:
    """Change the tags of a run, all at once, and show those that it then has.

    Raises
    ------
    click.UsageError
        If no run is named; the message names the latest.
    NotFound, NamespaceMismatch, TagError
        And nothing is changed.
    """
    context = flow_context(ctx)
    with closing(context.session(namespace=namespace)) as session:
        flow = session.compiled.name
        if run_id is None:
            raise click.UsageError(f"name a run with --run-id; {_latest(session)}", ctx)
        run = find_run(session, run_id)
        if session.namespace and session.namespace not in (*run.tags, *run.system_tags):
            raise NamespaceMismatch(
                f"{flow}/{run_id} is not in the namespace {session.namespace!r}; its run was started by "
                f"{run.username}: --namespace user:{run.username} allows the change"
            )
        run = session.metadata.mutate_tags(flow, run_id, add=add, remove=remove)
    context.console.message(f"The tags of {flow}/{run_id} are now:", bold=True)
    for line in sections([TagGroup.of_runs([run])], headings=False):
        context.console.result(line)


def _latest(session: Session) -> str:
    flow = session.compiled.name
    for run in session.metadata.all_runs(flow):
        if not session.namespace or session.namespace in (*run.tags, *run.system_tags):
            where = f" in the namespace {session.namespace!r}" if session.namespace else ""
            return f"the latest of {flow}{where} is {run.run_id}"
    return f"{flow} has no run there yet"
