"""How a run's end is recorded, and waited for, whatever happened meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import pytest

from flowkit.builtin.sqlite_metadata import SQLiteMetadata
from flowkit.engine import reentrant
from flowkit.engine.launch_options import LaunchOptions
from flowkit.engine.reentrant import join_run, wait_for_end
from flowkit.engine.run_end import write_end
from flowkit.errors import ResumeError
from flowkit.model.collected import mark_collected
from flowkit.model.record import RunRecord
from flowkit.testing.metadata_samples import a_run


@pytest.fixture
def metadata(tmp_path: Path) -> SQLiteMetadata:
    return SQLiteMetadata.open(str(tmp_path))


@pytest.fixture
def run(metadata: SQLiteMetadata) -> RunRecord:
    run = a_run("1")
    assert metadata.create_run(run)
    return run


def test_the_end_is_recorded(metadata: SQLiteMetadata, run: RunRecord) -> None:
    ended = attrs.evolve(run, status="succeeded", finished_at=5.0)
    assert write_end(metadata, ended) == (ended, "")
    assert metadata.run(run.flow, run.run_id) == ended


def test_a_run_that_was_collected_meanwhile_stays_collected(metadata: SQLiteMetadata, run: RunRecord) -> None:
    metadata.write([mark_collected(run, 86400.0 * 365, keep_record=True)])
    ended, told = write_end(metadata, attrs.evolve(run, status="succeeded", finished_at=5.0))
    assert told.startswith(f"flowkit gc took {run.flow}/1 for dead")
    assert (ended.status, ended.info["failure"]) == ("failed", told)
    stored = metadata.run(run.flow, run.run_id)
    assert stored == ended == mark_collected(ended, 86400.0 * 365, keep_record=True)


def test_a_run_that_was_removed_meanwhile_stays_removed(metadata: SQLiteMetadata, run: RunRecord) -> None:
    metadata.delete_run(run.flow, run.run_id)
    ended, told = write_end(metadata, attrs.evolve(run, status="succeeded"))
    assert ended.status == "failed"
    assert "was removed while it ran" in told
    assert metadata.run(run.flow, run.run_id) is None


def test_nobody_goes_on_with_a_collected_run(metadata: SQLiteMetadata, run: RunRecord) -> None:
    mine = attrs.evolve(run, info={"resume_identifier": "me"})
    metadata.write([mark_collected(mine, 86400.0)])
    with pytest.raises(ResumeError, match=r"flowkit gc collected its artifacts on 1970-01-0"):
        join_run(metadata, mine, LaunchOptions(reentrant=True, resume_identifier="me"))


class Ticking:
    """A clock that goes on by a second whenever it is waited for; ``then`` happens after each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, then: Any) -> None:
        self._then = then
        monkeypatch.setattr(reentrant, "time", self)
        self._time = 0

    def monotonic(self) -> float:
        return float(self._time)

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self._time += 1
        self._then(self._time)


def test_a_leader_whose_clock_is_another_is_waited_for(
    metadata: SQLiteMetadata, run: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its signs of life are long ago by the clock here, and they go on."""

    def lead(time: int) -> None:
        if time == 500:
            metadata.write([attrs.evolve(run, status="succeeded")])
        elif time % 10 == 0:
            metadata.heartbeat(run.flow, run.run_id, run.created_at + time)

    Ticking(monkeypatch, lead)
    assert wait_for_end(metadata, run).succeeded


def test_a_leader_that_gives_no_sign_of_life_is_given_up(
    metadata: SQLiteMetadata, run: RunRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    Ticking(monkeypatch, lambda _: None)
    with pytest.raises(ResumeError, match="no sign of life any more"):
        wait_for_end(metadata, run)
