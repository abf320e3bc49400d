"""Tests of records that are removed."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from flowkit.errors import MetadataError
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.record import TaskStatus
from flowkit.testing.metadata_samples import a_run, a_task, an_attempt

__all__ = ["DeletingTests"]

FLOW = "TestFlow"


class DeletingTests(ABC):
    """What ``delete_run`` does, where the provider can."""

    @abstractmethod
    def raw_statuses(self, location: str) -> dict[str, TaskStatus]:
        """See MetadataContract."""

    def test_a_removed_run_is_gone_with_all_that_is_recorded_of_it(
        self, with_run: MetadataProvider, location: str
    ) -> None:
        """Another run of the flow stays."""
        if not with_run.can_delete_runs:
            pytest.skip("the provider keeps records")
        with_run.create_run(a_run("2"))
        with_run.write([a_task("1"), an_attempt(0), a_task("7", run_id="2")])
        assert with_run.delete_run(FLOW, "1")
        assert not with_run.delete_run(FLOW, "1")
        assert with_run.run(FLOW, "1") is None
        assert with_run.task(FLOW, "1", "start", "1") is None
        assert list(with_run.steps(FLOW, "1")) == []
        assert list(with_run.attempts(FLOW, "1", "start", "1")) == []
        assert set(self.raw_statuses(location)) == {f"{FLOW}/2/start/7"}
        assert [run.run_id for run in with_run.all_runs(FLOW)] == ["2"]

    def test_the_last_run_takes_its_flow_along(self, with_run: MetadataProvider) -> None:
        """And the id is free again, for a run without the tags and tasks of the other."""
        if not with_run.can_delete_runs:
            pytest.skip("the provider keeps records")
        with_run.write([a_task("1")])
        assert with_run.delete_run(FLOW, "1")
        assert list(with_run.flows()) == []
        assert with_run.create_run(a_run(tags=("new",)))
        found = with_run.run(FLOW, "1")
        assert found is not None
        assert found.tags == ("new",)
        assert with_run.count_tasks(FLOW, "1") == 0

    def test_a_provider_that_cannot_remove_says_so(self, with_run: MetadataProvider) -> None:
        """And the run stays."""
        if with_run.can_delete_runs:
            pytest.skip("the provider can")
        with pytest.raises(MetadataError):
            with_run.delete_run(FLOW, "1")
        assert with_run.run(FLOW, "1") is not None
