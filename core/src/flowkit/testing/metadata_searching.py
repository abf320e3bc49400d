"""The part of the contract of metadata providers that is about finding tasks and runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.foreach_label import FOREACH_STACK
from flowkit.model.record import Metadatum, Page, RunFilter, TaskRecord, TaskSearch
from flowkit.testing.metadata_samples import a_run, a_task

__all__ = ["MetadataSearching"]

FLOW = "TestFlow"


def _in_foreach(task_id: str, *labels: str, depth: int | None = None, **fields: Any) -> TaskRecord:
    """A task whose ``foreach-stack`` is ``labels``; without any, it isn't recorded."""
    depth = len(labels) if depth is None else depth
    frames = tuple(("start", "1", f"list{level}", int(task_id), 10) for level in range(depth))
    stack = json.dumps(list(labels), ensure_ascii=False)
    return a_task(
        task_id,
        frames=frames,
        index_path="/".join([task_id] * depth),
        metadata=(Metadatum("pid", task_id), *([Metadatum(FOREACH_STACK, stack)] if labels else [])),
        **fields,
    )


class MetadataSearching:
    """Tests that :class:`flowkit.testing.metadata.MetadataContract` inherits; ``with_run`` is its fixture."""

    @pytest.fixture
    def with_inputs(self, with_run: MetadataProvider) -> MetadataProvider:
        """Tasks of a foreach, one outside, and some of which the item isn't known."""
        with_run.write(
            [
                a_task("1", frames=(), index_path="", metadata=(Metadatum(FOREACH_STACK, '["x=a"]'),)),
                _in_foreach("2", "x=a"),
                _in_foreach("3", "x=b"),
                _in_foreach("4", "x=a", "y=b"),
                _in_foreach("5", "x=b", "y=a", attempt=0),
                _in_foreach("6", depth=1),
                _in_foreach("7", "x=#7"),
                _in_foreach("8", "x=a", depth=2),
                _in_foreach("9", "x=\ud800 \"'%=é"),
            ]
        )
        return with_run

    @pytest.mark.parametrize("limit", [1, 2, 1000])
    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (TaskSearch(), "123456789"),
            (TaskSearch(input="a"), "25678"),
            (TaskSearch(input="b"), "34678"),
            (TaskSearch(input=""), "678"),
            (TaskSearch(input="\ud800 \"'%=é"), "6789"),
            (TaskSearch(input="7"), "678"),
            (TaskSearch(attempt=0), "5"),
            (TaskSearch(input="a", attempt=1, step="start"), "2678"),
            (TaskSearch(input="a", metadata={"pid": "2"}), "2"),
            (TaskSearch(input="a", step="end"), ""),
            (TaskSearch(index_prefix="4", input="b"), "4"),
        ],
        ids=str,
    )
    def test_tasks_are_found(self, with_inputs: MetadataProvider, where: TaskSearch, expected: str, limit: int) -> None:
        """By the item of their foreach, and the number of their latest attempt; those whose item isn't known, too."""
        for newest_first in (True, False):
            found = list(_all_pages(with_inputs, where, Page(limit, newest_first=newest_first)))
            assert "".join(found) == (expected[::-1] if newest_first else expected)
            # What the interface itself offers to providers that can't do better.
            found = list(_all_pages(with_inputs, where, Page(limit, newest_first=newest_first), by_default=True))
            assert "".join(found) == (expected[::-1] if newest_first else expected)
        assert [task.task_id for task in with_inputs.all_found_tasks(FLOW, "1", where)] == list(expected[::-1])

    def test_a_task_is_found_once_its_item_is_known(self, with_run: MetadataProvider) -> None:
        """It is recorded when its attempt ends."""
        with_run.write([_in_foreach("1", depth=1, status="running")])
        assert len(with_run.find_tasks(FLOW, "1", TaskSearch(input="b")).items) == 1
        with_run.write([_in_foreach("1", "x=a")])
        assert with_run.find_tasks(FLOW, "1", TaskSearch(input="b")).items == ()
        assert with_run.find_tasks(FLOW, "1", TaskSearch(input="a")).items == (_in_foreach("1", "x=a"),)

    def test_runs_of_all_flows(self, provider: MetadataProvider) -> None:
        """Newest first, by user, status, tag and time."""
        for number in range(7):
            provider.create_run(
                a_run(
                    str(number),
                    f"Flow{number % 3}",
                    created_at=1000.0 + number,
                    username="ann" if number < 3 else "bob",
                    status="failed" if number == 4 else "succeeded",
                    tags=("odd" if number % 2 else "even",),
                )
            )

        def ids(**where: object) -> str:
            found = list(provider.runs_of_all_flows(RunFilter(**where)))  # type: ignore[arg-type]
            by_default = MetadataProvider.runs_of_all_flows(provider, RunFilter(**where))  # type: ignore[arg-type]
            assert list(by_default) == found
            return "".join(run.run_id for run in found)

        assert ids() == "6543210"
        assert ids(username="ann") == "210"
        assert ids(status="failed") == "4"
        assert ids(status="succeeded", username="bob") == "653"
        assert ids(tags=("odd", "mine")) == ""
        assert ids(tags=("odd", "user:tester")) == "531"
        assert ids(created_after=1001.0, created_before=1004.0) == "32"

    def test_runs_of_all_flows_go_over_pages(self, provider: MetadataProvider) -> None:
        """However many there are."""
        for number in range(1, 1102):
            provider.create_run(a_run(str(number), f"Flow{number % 2}", created_at=float(number), info={}, tags=()))
        listed = [int(run.run_id) for run in provider.runs_of_all_flows()]
        assert listed == list(range(1101, 0, -1))
        assert [int(run.run_id) for run in MetadataProvider.runs_of_all_flows(provider)] == listed


def _all_pages(provider: MetadataProvider, where: TaskSearch, page: Page, *, by_default: bool = False) -> Iterator[str]:
    kind = MetadataProvider if by_default else type(provider)
    while True:
        part = kind.find_tasks(provider, FLOW, "1", where, page)
        assert len(part.items) <= page.limit
        yield from (task.task_id for task in part.items)
        if part.next is None:
            return
        page = Page(page.limit, part.next, page.newest_first)
