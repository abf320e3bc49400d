"""Which stores the client keeps copies of, where, and how many it keeps open."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowkit.artifacts.cache import CachedDatastore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.client import Task
from flowkit.client.recent import Recent
from flowkit.client.source import _with_cache
from flowkit.errors import ConfigurationError
from support.recorded_run import FLOW, RecordedRun
from support.remote_like import RemoteLike


def test_a_store_of_this_machine_needs_none(tmp_path: Path) -> None:
    store = LocalDatastore.open(str(tmp_path))
    assert _with_cache(store) is store


def test_a_remote_one_gets_one(tmp_path: Path, flowkit_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RemoteLike(str(tmp_path / "remote"))
    cached = _with_cache(store)
    assert isinstance(cached, CachedDatastore)
    assert cached.store is store
    assert cached.folder.path == flowkit_home / ".cache" / "flowkit"
    assert cached.folder.max_bytes == 10_000 * 1024 * 1024
    monkeypatch.setenv("FLOWKIT_CLIENT_CACHE_PATH", "copies")
    monkeypatch.setenv("FLOWKIT_CLIENT_CACHE_MAX_SIZE", "3")
    cached = _with_cache(store)
    assert isinstance(cached, CachedDatastore)
    assert cached.folder.path == Path.cwd() / "copies"
    assert cached.folder.max_bytes == 3 * 1024 * 1024
    monkeypatch.setenv("FLOWKIT_CLIENT_CACHE_MAX_SIZE", "0")
    assert _with_cache(store) is store
    monkeypatch.setenv("FLOWKIT_CLIENT_CACHE_MAX_SIZE", "much")
    with pytest.raises(ConfigurationError, match="CLIENT_CACHE_MAX_SIZE"):
        _with_cache(store)


def test_what_was_used_last_is_kept() -> None:
    dropped: list[str] = []
    recent: Recent[str, str] = Recent(lambda: 2, dropped.append)
    for key in "aabacada":
        assert recent.get(key, key.upper) == key.upper()
    assert dropped == ["B", "C"]
    assert sorted(recent) == ["A", "D"]


def test_objects_outlive_the_stores_that_are_kept_open(
    run: RecordedRun, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWKIT_CLIENT_CACHE_MAX_FLOWDATASTORE_COUNT", "1")
    run.task("start", {"x": 1})
    tasks = [Task(f"{FLOW}/1/start/1")]
    for number in range(3):
        other = RecordedRun(root, flow=f"Other{number}")
        other.task("start", {"x": number})
        tasks.append(Task(f"Other{number}/1/start/1"))
    for _ in range(2):
        assert [task.data.x for task in tasks] == [1, 0, 1, 2]
