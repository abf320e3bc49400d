"""Reports of ``flowkit gc``, as text and JSON."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from flowkit.collection.report import ELSEWHERE, FlowReport, RunReport

__all__ = ["as_json", "render", "size_text", "totals"]


def size_text(size: int) -> str:
    """Bytes, as people read them.

    >>> size_text(999), size_text(25_300_000)
    ('999 B', '25.3 MB')
    """
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} TB"


def render(report: FlowReport, grace: float, *, show_kept: bool, deleted: bool) -> Iterator[str]:
    """The lines about one flow in one datastore."""
    chosen = [run for run in report.runs if run.collect and _is_worth_a_line(run)]
    kept = [run for run in report.runs if not run.collect]
    yield f"{report.flow} in {report.datastore}"
    shown = [*chosen, *(kept if show_kept else ())]
    if shown:
        rows: list[tuple[str, ...]] = [("run", "created", "user", "status", "", "own", "alone", "shared")]
        rows += [_row(run, deleted=deleted) for run in shown]
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        for row in rows:
            left = (cell.ljust(width) for cell, width in zip(row[:5], widths[:5], strict=True))
            right = (cell.rjust(width) for cell, width in zip(row[5:], widths[5:], strict=True))
            yield f"  {'  '.join([*left, *right])}".rstrip()
    else:
        yield "  no run is chosen"
    kept = [run for run in kept if run.reason != ELSEWHERE]
    if not show_kept and kept:
        unknown = sum(run.reason == "unrecorded" for run in kept)
        also = f", {unknown} of them not recorded here" if unknown else ""
        size = size_text(sum(run.own_bytes + run.alone_bytes for run in kept))
        yield f"  {_count(len(kept), 'run')} kept{also}: {size} of their own (--show-kept lists them)"
    if report.orphan_count:
        yield f"  content that no run names: {_count(report.orphan_count, 'object')}, {size_text(report.orphan_bytes)}"
    if report.young_bytes:
        size = size_text(report.young_bytes)
        yield f"  spared, since it was written or found within the last {grace / 3600:g} h: {size}"
    if report.aside_bytes:
        yield f"  set aside by earlier collections: {size_text(report.aside_bytes)}"


def totals(reports: Sequence[FlowReport], leftovers: int, *, deleted: bool) -> Iterator[str]:
    """The last lines."""
    if not deleted:
        freeable = sum(report.freeable_bytes for report in reports)
        runs = sum(run.collect and _is_worth_a_line(run) for report in reports for run in report.runs)
        would = f"{_count(runs, 'run')} and {size_text(freeable)} would be collected"
        yield f"{would}; nothing was changed: --delete does it"
        return
    done = [report.done for report in reports]
    runs, objects = sum(one.runs_removed for one in done), sum(one.objects_removed for one in done)
    freed = size_text(sum(one.freed_bytes for one in done))
    yield f"{_count(runs, 'run')} and {_count(objects, 'object')} removed: {freed} freed"
    if waiting := sum(one.waiting_bytes for one in done):
        yield f"{size_text(waiting)} set aside: a collection after the grace period removes it"
    if restored := sum(one.objects_restored for one in done):
        yield f"{_count(restored, 'object')} brought back, since a task came to need them"
    if leftovers:
        yield f"{_count(leftovers, 'leftover')} of killed writers removed"


def as_json(reports: Sequence[FlowReport], leftovers: int, problems: Sequence[str], *, deleted: bool) -> str:
    """One object."""
    import json

    document = {
        "deleted": deleted,
        "flows": [report.as_json() for report in reports],
        "leftovers_removed": leftovers,
        "problems": list(problems),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _row(run: RunReport, *, deleted: bool) -> tuple[str, ...]:
    verb = ("collected" if deleted else "collect") if run.collect else f"keep: {run.reason}"
    created = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created_at))
    sizes = map(size_text, (run.own_bytes, run.alone_bytes, run.shared_bytes))
    return (run.run_id, created, run.username, run.status, verb, *sizes)


def _is_worth_a_line(run: RunReport) -> bool:
    """Not the record, kept by choice, of a run that was collected before."""
    return run.reason == "chosen" or run.own_bytes + run.alone_bytes > 0


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
