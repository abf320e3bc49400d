"""One flow in one store, with a clock of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.collecting import ClockedStore, CopyingStore
from support.collection_scene import Scene


@pytest.fixture(params=[ClockedStore, CopyingStore], ids=["renaming", "copying"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(tmp_path, request.param)
    yield scene
    scene.metadata.close()
