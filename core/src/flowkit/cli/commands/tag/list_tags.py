"""``tag list``: the tags of one run, or of many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing

import click

from flowkit.cli.commands.tag.display import TagGroup, sections
from flowkit.cli.flow_group import flow_context
from flowkit.cli.options import FlowkitOption
from flowkit.cli.stored import find_run
from flowkit.engine.session import Session
from flowkit.errors import NotFound
from flowkit.model.record import RunFilter, RunRecord

__all__ = ["list_tags"]


@click.command("list", help="Show the tags of a run, or those that any run of the flow has.")
@click.argument("run", required=False)
@click.option("--run-id", cls=FlowkitOption, metavar="RUN", help="The run whose tags to show.")
@click.option("--all", cls=FlowkitOption, is_flag=True, help="Show the tags of all runs of the flow (the default).")
@click.option("--my-runs", cls=FlowkitOption, is_flag=True, help="Show the tags of the runs that you started.")
@click.option("--hide-system-tags", cls=FlowkitOption, is_flag=True, help="Leave out the tags that FlowKit gives.")
@click.option("--group-by-tag", cls=FlowkitOption, is_flag=True, help="Show the runs of each tag.")
@click.option("--group-by-run", cls=FlowkitOption, is_flag=True, help="Show the tags of each run.")
@click.option("--flat", cls=FlowkitOption, is_flag=True, help="Write one tag a line, and nothing else.")
@click.pass_context
def list_tags(
    ctx: click.Context,
    run: str | None,
    run_id: str | None,
    all: bool,  # noqa: A002 - the option's name
    my_runs: bool,
    hide_system_tags: bool,
    group_by_tag: bool,
    group_by_run: bool,
    flat: bool,
) -> None:
    """Write tags to stdout."""
    _refuse_together({"RUN": run, "--run-id": run_id, "--all": all, "--my-runs": my_runs})
    _refuse_together({"--flat": flat, "--group-by-tag": group_by_tag, "--group-by-run": group_by_run})
    context = flow_context(ctx)
    with closing(context.session()) as session:
        runs = _runs(session, run or run_id, my_runs=my_runs)
    if group_by_tag:
        groups = _by_tag(runs, hide_system_tags=hide_system_tags)
    else:
        groups = [TagGroup.of_runs([one], f"{one.flow}/{one.run_id}") for one in runs]
        if not group_by_run:
            groups = [TagGroup.of_runs(runs, ", ".join(group.heading for group in groups))]
        if hide_system_tags:
            groups = [group.without_system_tags() for group in groups]
    if flat:
        lines: Iterable[str] = sorted(tag for group in groups for tag in (*group.user, *group.system))
    else:
        lines = sections(groups, headings=group_by_tag or group_by_run)
    for line in lines:
        context.console.result(line)


def _refuse_together(options: dict[str, str | bool | None]) -> None:
    given = [name for name, value in options.items() if value]
    if len(given) > 1:
        raise click.UsageError(f"{given[0]} and {given[1]} can't be given together")


def _runs(session: Session, run_id: str | None, *, my_runs: bool) -> Sequence[RunRecord]:
    if run_id is not None:
        return [find_run(session, run_id)]
    where = RunFilter(tags=(f"user:{session.username}",)) if my_runs else RunFilter()
    runs = list(session.metadata.all_runs(session.compiled.name, where))
    if not runs:
        who = f" of {session.username}" if my_runs else ""
        raise NotFound(f"{session.compiled.name} has no runs{who} in {session.metadata.location}: start one with 'run'")
    return runs


def _by_tag(runs: Sequence[RunRecord], *, hide_system_tags: bool) -> list[TagGroup]:
    by_tag: dict[str, list[str]] = {}
    system: set[str] = set()
    for run in runs:
        if not hide_system_tags:
            system.update(run.system_tags)
        for tag in (*run.tags, *(() if hide_system_tags else run.system_tags)):
            by_tag.setdefault(tag, []).append(f"{run.flow}/{run.run_id}")
    return [
        TagGroup(f"{tag} (system)" if tag in system else tag, tuple(by_tag[tag]))
        for tag in sorted(by_tag, key=lambda tag: (tag in system, tag))
    ]
