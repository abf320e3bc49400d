"""Fixtures of the client's tests: records in a folder of their own, read by a client that knows nothing yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flowkit.client import namespaces, source
from support.recorded_run import RecordedRun


@pytest.fixture(autouse=True)
def fresh_client() -> Iterator[None]:
    """What one test chose doesn't reach the next."""
    yield
    source.forget()
    namespaces.forget()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The local root that the configuration leads to."""
    return tmp_path / ".flowkit"


@pytest.fixture
def run(root: Path) -> RecordedRun:
    """A run of TestFlow that has just begun."""
    root.mkdir()
    return RecordedRun(root)
