"""The provider keeps the contract of all metadata providers, over each database and each interface."""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from typing import ClassVar

import pytest

from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.record import TaskFilter, TaskStatus
from flowkit.testing import metadata_processes as processes
from flowkit.testing.metadata import MetadataContract
from flowkit.testing.metadata_model import check_against_model
from flowkit.testing.metadata_samples import a_run, some_tasks
from flowkit_service.client.provider import ServiceMetadata
from support.servers.services import Services

STATUSES = (
    "SELECT flow_id || '/' || run_id || '/' || step_name || '/' || task_id, tasks.status "
    "FROM tasks JOIN runs ON runs.id = tasks.run"
)
SET_STATUS = (
    "UPDATE tasks SET status = $1 WHERE step_name = $2 AND task_id = $3 "
    "AND run = (SELECT id FROM runs WHERE flow_id = $4 AND run_id = $5) RETURNING id"
)


class ServiceContract(MetadataContract):
    """Where the records are is a service of its own for each test."""

    provider_class = ServiceMetadata
    services: ClassVar[Services]

    def make_location(self, folder: Path) -> str:
        return self.services.at(f"test{uuid.uuid4().hex}")

    def raw_statuses(self, location: str) -> dict[str, TaskStatus]:
        return dict(self.services.sql(location, STATUSES))  # type: ignore[arg-type]

    def raw_set_status(self, location: str, pathspec: str, status: TaskStatus) -> None:
        flow, run_id, step, task_id = pathspec.split("/")
        assert len(self.services.sql(location, SET_STATUS, status, step, task_id, flow, run_id)) == 1

    def test_any_sequence_of_calls_does_what_a_model_does(self, tmp_path: Path) -> None:
        """Fewer than the contract's own: each call is a request."""
        check_against_model(self.provider_class, lambda name: self.make_location(tmp_path), examples=5)

    @pytest.mark.parametrize("seconds", [0.005, 0.02, 0.05, 0.1])
    def test_a_killed_writer_leaves_whole_transactions(self, location: str, seconds: float) -> None:
        """The last request may still be answered when its sender is dead: what it writes comes whole, too."""
        arguments = [(self.provider_class, location, "1", seconds)]
        assert processes.run_all(processes.write_until_killed, arguments) == [-9]
        provider = self.provider_class.open(location)
        while True:
            steps = [step.step for step in provider.steps("TestFlow", "1")]
            counts = [provider.count_tasks("TestFlow", "1", TaskFilter(step=step)) for step in steps]
            assert set(counts) <= {processes.BATCH}
            total = provider.count_tasks("TestFlow", "1")
            assert total % processes.BATCH == 0
            if total == processes.BATCH * len(counts):
                break
        provider.create_run(a_run("after"))
        provider.write(some_tasks(1, run_id="after"))
        provider.close()


class TestOnSQLite(ServiceContract):
    @pytest.fixture(autouse=True)
    def _services(self, on_sqlite: Services) -> None:
        type(self).services = on_sqlite


class TestOnPostgreSQL(ServiceContract):
    @pytest.fixture(autouse=True)
    def _services(self, on_postgresql: Services) -> None:
        type(self).services = on_postgresql


class PlainService(ServiceMetadata):
    """For a service that can't remove records."""

    can_delete_runs: ClassVar[bool] = False


class TestPlain(ServiceContract):
    """Over the REST interface alone, as far as that goes: it has no transactions, and takes its own time."""

    provider_class = PlainService
    # Thousands of requests each; smaller ones test the same.
    test_any_sequence_of_calls_does_what_a_model_does = None  # type: ignore[assignment]
    test_all_goes_over_the_pages = None  # type: ignore[assignment]
    test_runs_of_all_flows_go_over_pages = None  # type: ignore[assignment]

    @pytest.fixture(autouse=True)
    def _services(self, plain_services: Services) -> None:
        type(self).services = plain_services

    def raw_statuses(self, location: str) -> dict[str, TaskStatus]:
        statement = "SELECT value FROM metadata WHERE field_name = 'flowkit.task' ORDER BY id"
        documents = [json.loads(value) for (value,) in self.services.sql(location, statement)]
        return {
            "/".join(one[name] for name in ("flow", "run_id", "step", "task_id")): one["status"] for one in documents
        }

    def raw_set_status(self, location: str, pathspec: str, status: TaskStatus) -> None:
        statement = (
            "UPDATE metadata SET value = replace(value, $1, $2) "
            "WHERE field_name = 'flowkit.task' AND step_name = $3 AND task_id = $4 RETURNING id"
        )
        step, task_id = pathspec.split("/")[2:]
        values = ('"status": "running"', f'"status": "{status}"', step, f"flowkit-{task_id}")
        assert len(self.services.sql(location, statement, *values)) == 1

    def test_a_heartbeat_is_recorded_while_the_run_runs(self, with_run: MetadataProvider) -> None:
        """The time is the service's."""
        before = int(time.time())
        with_run.heartbeat("TestFlow", "1", 1234.5)
        run = with_run.run("TestFlow", "1")
        assert run is not None
        assert run.heartbeat_at is not None
        assert run.heartbeat_at >= before
        with_run.write([a_run(status="failed", heartbeat_at=1300.0)])
        with_run.heartbeat("TestFlow", "1", 1400.0)
        assert with_run.run("TestFlow", "1") == a_run(status="failed", heartbeat_at=1300.0)

    @pytest.mark.parametrize("seconds", [0.02, 0.1])
    def test_a_killed_writer_leaves_whole_transactions(self, location: str, seconds: float) -> None:
        """Not transactions, but whole records, in the order in which they were written."""
        arguments = [(self.provider_class, location, "1", seconds)]
        assert processes.run_all(processes.write_until_killed, arguments) == [-9]
        provider = self.provider_class.open(location)
        found = [task.task_id for task in provider.all_tasks("TestFlow", "1", newest_first=False)]
        assert found == [str(number) for number in range(1, len(found) + 1)]
        provider.create_run(a_run("after"))
        provider.close()
