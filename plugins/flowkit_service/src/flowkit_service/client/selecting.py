"""Filters and pages over records that are all there, for services that have neither."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flowkit.plugin import MetadataError, Page, RunFilter, RunRecord, Slice, TaskFilter, TaskRecord

__all__ = ["page_in", "run_matches", "task_matches"]

T = TypeVar("T")


def run_matches(run: RunRecord, where: RunFilter) -> bool:
    """Whether all of a filter's conditions hold."""
    return (
        {*run.tags, *run.system_tags} >= set(where.tags)
        and where.username in (None, run.username)
        and where.status in (None, run.status)
        and (where.created_after is None or run.created_at > where.created_after)
        and (where.created_before is None or run.created_at < where.created_before)
    )


def task_matches(task: TaskRecord, where: TaskFilter, said: set[tuple[str, str]]) -> bool:
    """Whether all of a filter's conditions hold; ``said`` are fields and values of the task's metadata."""
    prefix = where.index_prefix or ""
    return (
        where.step in (None, task.step)
        and where.status in (None, task.status)
        and where.index_path in (None, task.index_path)
        and (not prefix or task.index_path == prefix or task.index_path.startswith(f"{prefix}/"))
        and (where.task_ids is None or task.task_id in where.task_ids)
        and said >= set(where.metadata.items())
    )


def page_in(records: Sequence[T], page: Page, key: Callable[[T], Any], identity: Callable[[T], str]) -> Slice[T]:
    """One page of ``records``, which begins after the record that the page before ended with."""
    if page.limit < 1:
        raise MetadataError(f"a page of {page.limit} rows can't be listed: ask for 1 or more")
    placed = sorted(((key(one), identity(one), one) for one in records), key=lambda place: place[:2])
    if page.newest_first:
        placed.reverse()
    if page.after is not None:
        number, _, name = page.after.partition(":")
        try:
            last = (float(number), name)
        except ValueError:
            raise MetadataError(f"{page.after!r} isn't where a page begins: use what the page before gave") from None
        placed = [one for one in placed if ((one[0], one[1]) < last if page.newest_first else (one[0], one[1]) > last)]
    chosen = placed[: page.limit]
    following = f"{chosen[-1][0]!r}:{chosen[-1][1]}" if len(placed) > len(chosen) else None
    return Slice(tuple(one for _, _, one in chosen), following)
