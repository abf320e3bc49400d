"""The stores of ``spin`` keep the contracts, and read from the store below."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.builtin.spin.datastore import SpinDatastore
from flowkit.builtin.spin.metadata import SpinMetadata
from flowkit.errors import KeyNotFound
from flowkit.interfaces.datastore import Datastore
from flowkit.model.record import TaskStatus
from flowkit.testing.datastore import DatastoreContract
from flowkit.testing.metadata import MetadataContract
from flowkit.testing.metadata_samples import a_run


def folder_of(store: Datastore) -> Path:
    return Path(store.root.partition("|")[0])


class TestSpinDatastore(DatastoreContract):
    """Over an empty store: what is written is all there is."""

    def make_store(self, folder: Path) -> Datastore:
        return SpinDatastore.open(f"{folder}|local@{folder}-below")

    def raw_get(self, store: Datastore, key: str) -> bytes | None:
        path = folder_of(store) / key
        return path.read_bytes() if path.is_file() else None

    def raw_put(self, store: Datastore, key: str, content: bytes) -> None:
        path = folder_of(store) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def raw_list(self, store: Datastore) -> set[str]:
        paths = (path for path in folder_of(store).rglob("*") if path.is_file() and not path.name.startswith(".tmp-"))
        return {str(path.relative_to(folder_of(store))) for path in paths}


class TestSpinMetadata(MetadataContract):
    provider_class = SpinMetadata

    def raw_statuses(self, location: str) -> dict[str, TaskStatus]:
        with closing(sqlite3.connect(Path(location) / ".flowkit_spin" / "metadata.db")) as connection:
            rows = connection.execute(
                "SELECT flow || '/' || run_id || '/' || step || '/' || task_id, tasks.status "
                "FROM tasks JOIN runs ON runs.id = tasks.run"
            )
            return dict(rows.fetchall())

    def raw_set_status(self, location: str, pathspec: str, status: TaskStatus) -> None:
        flow, run_id, step, task_id = pathspec.split("/")
        with closing(sqlite3.connect(Path(location) / ".flowkit_spin" / "metadata.db")) as connection, connection:
            changed = connection.execute(
                "UPDATE tasks SET status = ? WHERE step = ? AND task_id = ? "
                "AND run = (SELECT id FROM runs WHERE flow = ? AND run_id = ?)",
                (status, step, task_id, flow, run_id),
            )
            assert changed.rowcount == 1


def test_what_isnt_in_the_folder_is_read_from_below_and_nothing_is_written_there(tmp_path: Path) -> None:
    below = LocalDatastore(str(tmp_path / "below"))
    below.put("a/b", [b"below"])
    below.put("a/c", [b"below too"])
    store = SpinDatastore.open(f"{tmp_path / 'own'}|local@{tmp_path / 'below'}")
    assert (store.get("a/b"), bytes(store.get_buffer("a/c", 9))) == (b"below", b"below too")
    info = store.info("a/b")
    assert info is not None
    assert info.size == 5
    store.put("a/b", [b"own"], overwrite=True)
    store.delete(["a/b", "a/c"])
    assert store.get("a/b") == b"below"
    store.put("a/c", [b"mine"], overwrite=True)
    assert (store.get("a/c"), below.get("a/c")) == (b"mine", b"below too")
    assert [one.key for one in store.list()] == ["a/c"]
    assert not store.renew("a/b")
    with pytest.raises(KeyNotFound):
        store.get("nothing")


@pytest.mark.parametrize("named", ["", ".flowkit", ".flowkit_spin"])
def test_a_project_is_named_by_its_folder_or_by_one_in_it(tmp_path: Path, named: str) -> None:
    provider = SpinMetadata.open(str(tmp_path / named))
    provider.create_run(a_run())
    provider.close()
    assert (tmp_path / ".flowkit_spin" / "metadata.db").is_file()
