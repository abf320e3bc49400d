"""The provider keeps the contract of all metadata providers, over each database and each interface."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import ClassVar

import pytest

from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.record import TaskStatus
from flowkit.testing.metadata import MetadataContract
from flowkit.testing.metadata_model import check_against_model
from flowkit.testing.metadata_samples import a_run
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


class TestOnSQLite(ServiceContract):
    @pytest.fixture(autouse=True)
    def _services(self, on_sqlite: Services) -> None:
        type(self).services = on_sqlite


class TestOnPostgreSQL(ServiceContract):
    @pytest.fixture(autouse=True)
    def _services(self, on_postgresql: Services) -> None:
        type(self).services = on_postgresql
