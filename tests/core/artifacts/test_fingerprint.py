"""A value's stored form is known without storing or loading it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.errors import UnpicklableArtifact


@pytest.mark.parametrize(
    "value",
    [1, "x" * 5000, "x" * 3_000_000, np.arange(1000), np.zeros(500_000), {"a": [np.ones(3), 2]}],
    ids=lambda value: type(value).__name__,
)
def test_what_is_stored_is_recognised(tmp_path: Path, value: Any) -> None:
    store = ArtifactStore(LocalDatastore.open(str(tmp_path / "other")), "F")
    entry = ArtifactStore(LocalDatastore.open(str(tmp_path / "store")), "F").save("x", value)
    assert store.fingerprint(value).is_of(entry)
    assert not store.fingerprint([value]).is_of(entry)
    assert not (tmp_path / "other").exists()


def test_what_can_not_be_stored(tmp_path: Path) -> None:
    store = ArtifactStore(LocalDatastore.open(str(tmp_path)), "F")
    with pytest.raises(UnpicklableArtifact, match="the value"):
        store.fingerprint(lambda: None)
