"""Stores for tests of artifacts."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit.artifacts.serializers import SerializerTable
from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.kernel.registry import Registry
from flowkit.settings import Settings
from support.stores import ReadingDatastore


@pytest.fixture
def datastore(tmp_path: Path) -> LocalDatastore:
    return LocalDatastore(str(tmp_path / "root"))


@pytest.fixture
def table() -> SerializerTable:
    return SerializerTable.from_registry(Registry.discover(Settings.load()))


@pytest.fixture
def store(datastore: LocalDatastore, table: SerializerTable) -> ArtifactStore:
    return ArtifactStore(datastore, "F", table)


@pytest.fixture(params=["mapped", "read"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path, table: SerializerTable) -> ArtifactStore:
    """A store that maps, and one that doesn't."""
    kind = LocalDatastore if request.param == "mapped" else ReadingDatastore
    return ArtifactStore(kind(str(tmp_path / "any")), "F", table)
