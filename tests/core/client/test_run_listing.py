"""Runs by user, status and time, of one flow and of all."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from flowkit.client import Flow, FlowKit, namespace
from support.recorded_run import FLOW, RecordedRun

NOW = time.time()
DAY = 86400.0


@pytest.fixture
def runs(root: Path) -> None:
    """Runs of two flows: the oldest, of ann, is three days old, the newest of today."""
    root.mkdir()
    for number, (flow, user, status, beat) in enumerate(
        [
            (FLOW, "ann", "succeeded", 0),
            ("Other", "ann", "failed", 0),
            (FLOW, "bob", "running", NOW - 1000),
            # Alive when the test runs, which may be minutes after this file was imported.
            (FLOW, "bob", "running", time.time()),
            ("Other", "bob", "succeeded", 0),
            (FLOW, "bob", "failed", 0),
        ]
    ):
        RecordedRun(
            root,
            str(number),
            flow=flow,
            username=user,
            status=status,
            created_at=NOW - DAY * (5 - number) / 2,
            heartbeat_at=beat,
            system_tags=(f"user:{user}",),
            tags=("even",) if number % 2 == 0 else (),
        )
    namespace(None)


def ids(runs: object) -> str:
    return "".join(run.id for run in runs)  # type: ignore[attr-defined]


def test_of_one_flow(runs: None) -> None:
    flow = Flow(FLOW)
    assert ids(flow.runs()) == ids(flow) == "5320"
    assert ids(flow.runs(user="ann")) == "0"
    assert ids(flow.runs("even", user="bob")) == "2"
    assert ids(flow.runs(status="succeeded")) == "0"
    # The launching process of 2 gave no sign of life for long.
    assert ids(flow.runs(status="failed")) == "52"
    assert ids(flow.runs(status="running")) == "3"


def test_of_all_flows(runs: None) -> None:
    catalog = FlowKit()
    assert ids(catalog.runs()) == "543210"
    assert [run.parent.id for run in catalog.runs()] == [FLOW, "Other", FLOW, FLOW, "Other", FLOW]
    assert ids(catalog.runs(user="ann")) == "10"
    assert ids(catalog.runs(status="failed")) == "521"
    assert ids(catalog.runs(status="failed", user="ann")) == "1"
    assert ids(catalog.runs("even")) == "420"
    assert ids(catalog.runs(status="running")) == "3"


def test_by_time(runs: None) -> None:
    catalog = FlowKit()
    assert ids(catalog.runs(after=timedelta(days=1.25))) == "543"
    assert ids(catalog.runs(before=timedelta(days=1.25))) == "210"
    moment = datetime.fromtimestamp(NOW - 0.75 * DAY)
    assert ids(catalog.runs(after=moment)) == "54"
    assert ids(catalog.runs(after=moment.astimezone(UTC))) == "54"
    assert ids(Flow(FLOW).runs(after=timedelta(days=2), before=moment)) == "32"
    assert ids(catalog.runs(after=date.fromtimestamp(NOW) - timedelta(days=30))) == "543210"
    assert ids(catalog.runs(before=date.fromtimestamp(NOW) - timedelta(days=30))) == ""
    today = datetime.combine(date.fromtimestamp(NOW), datetime.min.time())
    assert [run.created_at >= today for run in catalog.runs(after=today.date())] == [
        True for run in catalog.runs() if run.created_at > today
    ]


def test_of_the_namespace(runs: None) -> None:
    namespace("user:ann")
    assert ids(FlowKit().runs()) == "10"
    assert ids(Flow(FLOW).runs(user="bob")) == ""
    assert ids(FlowKit().runs(status="failed")) == "1"


def test_what_can_not_be_meant(runs: None) -> None:
    """Is told, and not taken for something that no run is."""
    with pytest.raises(ValueError, match="status must be one of running, succeeded, failed, and is 'ok'"):
        Flow(FLOW).runs(status="ok")  # type: ignore[arg-type]
    for catalog in (FlowKit(), Flow(FLOW)):
        with pytest.raises(TypeError, match="'2020-01-01'"):
            catalog.runs(after="2020-01-01")  # type: ignore[arg-type]
