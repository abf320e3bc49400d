"""Which runs are chosen."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from flowkit.collection.durations import parse_duration
from flowkit.collection.selection import Selection, origins_of_running
from flowkit.errors import ConfigurationError
from flowkit.model.collected import mark_collected
from flowkit.model.record import RunRecord

NOW, DAY = 10_000_000.0, 86400.0


def run(run_id: str, days_ago: float, **fields: Any) -> RunRecord:
    ended = NOW - days_ago * DAY
    record = RunRecord(
        "F", run_id, "ann", ended - 60, "succeeded", ended, ended, ("exp",), ("user:ann",), datastore_root="/"
    )
    return attrs.evolve(record, **fields)


RUNS = [
    run("6", 0.001, status="running", finished_at=None),
    run("5", 1),
    run("4", 2, status="failed"),
    run("3", 3, username="bob", system_tags=("user:bob",), tags=()),
    run("2", 20, status="running", finished_at=None),
    run("1", 30, tags=("release", "exp")),
]


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        (Selection(), ""),
        (Selection(keep_tags=("release",), namespace="user:ann"), ""),
        (Selection(older_than=0.0), "54321"),
        (Selection(older_than=2.5 * DAY), "321"),
        (Selection(older_than=2.5 * DAY, keep_tags=("release",)), "32"),
        (Selection(keep_last=0), "54321"),
        (Selection(keep_last=2), "321"),
        (Selection(keep_last=2, namespace="user:ann"), "21"),
        (Selection(keep_last=1, username="bob"), ""),
        (Selection(keep_last=0, username="bob"), "3"),
        (Selection(keep_last=1, older_than=25 * DAY), "1"),
        (Selection(statuses=frozenset({"failed"})), "4"),
        (Selection(statuses=frozenset({"dead"})), "2"),
        (Selection(statuses=frozenset({"failed", "dead"}), older_than=5 * DAY), "2"),
        (Selection(tags=("exp",)), "5421"),
        (Selection(tags=("exp", "release")), "1"),
        (Selection(run_ids=frozenset({"5", "6"})), "5"),
    ],
)
def test_conditions(selection: Selection, chosen: str) -> None:
    judged = selection.judge(RUNS, NOW, DAY)
    assert [one.run.run_id for one in judged] == [one.run_id for one in RUNS]
    assert "".join(one.run.run_id for one in judged if one.collect) == chosen
    assert all(one.reason for one in judged)


def test_what_was_begun_is_always_chosen() -> None:
    (judged,) = Selection(keep_tags=("release",)).judge([mark_collected(RUNS[-1], NOW)], NOW, DAY)
    assert (judged.collect, judged.reason) == (True, "begun before")


def test_what_was_begun_and_goes_on_is_kept() -> None:
    """Its records were kept, and somebody has joined it; when that one has died, it goes."""
    running = mark_collected(RUNS[0], NOW, keep_record=True)
    for at, collect in ((NOW, False), (NOW + 2 * DAY, True)):
        (judged,) = Selection(older_than=0.0, run_ids=frozenset({"6"})).judge([running], at, DAY)
        assert (judged.collect, judged.reason) == (collect, "begun before" if collect else "running")


def test_origins_of_running_runs_to_the_first() -> None:
    runs = [
        run("4", 0, status="running", finished_at=None, origin_run_id="3"),
        run("3", 1, status="failed", origin_run_id="1"),
        run("2", 30, status="running", finished_at=None, origin_run_id="0"),
        run("1", 2),
        run("0", 2),
    ]
    assert origins_of_running(runs, NOW, DAY) == {"3": "4", "1": "4"}


@pytest.mark.parametrize(
    ("text", "seconds"), [("30d", 30 * DAY), ("1.5h", 5400), ("90 s", 90), ("2W", 14 * DAY), ("0", 0), ("5m", 300)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text, "--older-than") == seconds


@pytest.mark.parametrize("text", ["", "5", "d", "-1d", "1 month"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ConfigurationError, match="--older-than must be a number and a unit"):
        parse_duration(text, "--older-than")
