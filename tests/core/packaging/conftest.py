"""Fixtures of the tests of packaging: a folder with a flow in it, and a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit.builtin.local_datastore import LocalDatastore


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder of a flow and a module beside it."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "flow.py").write_text("import helper\n")
    (folder / "helper.py").write_text("x = 1\n")
    return folder


@pytest.fixture
def datastore(tmp_path: Path) -> LocalDatastore:
    """An empty store."""
    root = tmp_path / "store"
    root.mkdir()
    return LocalDatastore.open(str(root))
