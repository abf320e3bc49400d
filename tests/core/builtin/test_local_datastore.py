"""The local datastore keeps the contract, and what only it promises."""

from __future__ import annotations

import mmap
import os
import resource
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.builtin.local_datastore.files import make_folder, write_all
from flowkit.builtin.local_datastore.paths import decode_name, relative_path
from flowkit.errors import DatastoreError
from flowkit.interfaces.datastore import Datastore
from flowkit.testing.datastore import DatastoreContract
from support.stores import ReadingDatastore

MEGABYTE = 1 << 20


class TestLocalDatastore(DatastoreContract):
    """Raw access is through plain files."""

    def make_store(self, folder: Path) -> Datastore:
        return LocalDatastore.open(str(folder))

    def raw_get(self, store: Datastore, key: str) -> bytes | None:
        path = Path(store.root, key)
        return path.read_bytes() if path.is_file() else None

    def raw_put(self, store: Datastore, key: str, content: bytes) -> None:
        path = Path(store.root, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def raw_list(self, store: Datastore) -> set[str]:
        paths = (path for path in Path(store.root).rglob("*") if path.is_file() and not path.name.startswith(".tmp-"))
        return {str(path.relative_to(store.root)) for path in paths}


class TestSyncedDatastore(TestLocalDatastore):
    """The same with fsync."""

    def make_store(self, folder: Path) -> Datastore:
        return LocalDatastore(str(folder), fsync=True)


class TestGenericStaging(TestLocalDatastore):
    """The same with what the base class does for stores that can't rename."""

    def make_store(self, folder: Path) -> Datastore:
        return ReadingDatastore(str(folder))

    def test_a_collector_that_slept_deletes_nothing(self, store: Datastore, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its copy may be dropped by then."""
        store.put("F/a", [b"content"])
        times = iter([0.0, 7200.0])
        monkeypatch.setattr("flowkit.interfaces.datastore.time", SimpleNamespace(time=lambda: next(times)))
        with pytest.raises(DatastoreError, match="took too long"):
            list(store.set_aside(list(store.list("F"))))
        monkeypatch.undo()
        assert store.get("F/a") == b"content"


@pytest.fixture
def store(tmp_path: Path) -> LocalDatastore:
    return LocalDatastore.open(str(tmp_path / "root"))


def all_files(store: LocalDatastore) -> list[str]:
    return [os.path.join(folder, name) for folder, _, names in os.walk(store.root) for name in names]


def test_opening_creates_nothing(store: LocalDatastore) -> None:
    assert store.get_many([]) is not None
    assert list(store.list()) == []
    assert not os.path.exists(store.root)


def test_nothing_is_left_beside_objects(store: LocalDatastore) -> None:
    store.put("F/a", [b"x"])
    store.put("F/a", [b"x"])
    store.put("F/a", [b"yy"], overwrite=True)
    staged = store.stage("F")
    staged.write(b"zz")
    staged.commit("F/a")
    store.stage("F").discard()
    assert all_files(store) == [f"{store.root}/F/a"]


def test_the_setting_fsync_is_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from flowkit.builtin.local_datastore import datastore

    synced: list[int] = []
    real = os.fsync

    def counting_fsync(fd: int) -> None:
        synced.append(fd)
        real(fd)

    monkeypatch.setattr(os, "fsync", counting_fsync)
    for value, expected in (("1", 2), ("0", 0)):
        monkeypatch.setenv("FLOWKIT_FSYNC", value)
        datastore._fsync_setting.cache_clear()
        LocalDatastore.open(str(tmp_path / value)).put("F/a", [b"x"])
        assert len(synced) == expected, "the file and its folder"
        synced.clear()
    datastore._fsync_setting.cache_clear()


def test_objects_follow_the_umask(store: LocalDatastore) -> None:
    before = os.umask(0o027)
    try:
        store.put("F/a", [b"x"])
    finally:
        os.umask(before)
    assert os.stat(f"{store.root}/F/a").st_mode & 0o777 == 0o640


def test_a_blob_is_never_written_in_place(store: LocalDatastore) -> None:
    store.put("F/a", [b"old"])
    with open(f"{store.root}/F/a", "rb") as reader:
        store.put("F/a", [b"new"], overwrite=True)
        assert reader.read() == b"old"


def test_a_log_can_be_followed(store: LocalDatastore) -> None:
    log = store.open_log("F/log")
    for number in range(3):
        log.append(b"line\n")
        assert store.get("F/log") == b"line\n" * (number + 1)
    log.close()


def test_a_scratch_store_is_seen_nowhere_and_goes_away(store: LocalDatastore) -> None:
    store.put("F/x", [b"1"])
    scratch = store.scratch()
    scratch.put("F/y/z", [b"2"])
    assert scratch.get("F/y/z") == b"2"
    assert [one.key for one in store.list()] == ["F/x"]
    scratch.close()
    assert sorted(os.listdir(store.root)) == ["F"]


def test_a_scratch_store_of_a_killed_process_is_a_leftover(store: LocalDatastore) -> None:
    store.put("F/x", [b"1"])
    store.scratch().put("F/y/z", [b"2"])
    assert store.remove_leftovers(1800) == 0
    assert store.remove_leftovers(-1) == 1
    assert sorted(os.listdir(store.root)) == ["F"]


def test_leftovers_are_known_by_their_age(store: LocalDatastore) -> None:
    store.put("F/blobs/ab/abcd", [b"x"])
    old, new = Path(store.root, "F/blobs/.tmp-1-aa"), Path(store.root, "F/blobs/ab/.tmp-2-bb")
    for path in (old, new):
        path.write_bytes(b"half")
    hour_ago = time.time() - 3600
    os.utime(old, (hour_ago, hour_ago))
    os.utime(Path(store.root, "F/blobs/ab/abcd"), (hour_ago, hour_ago))
    assert [info.key for info in store.list()] == ["F/blobs/ab/abcd"]
    assert store.remove_leftovers(1800) == 1
    assert not old.exists()
    assert new.exists()
    assert store.remove_leftovers(-1) == 1
    assert [info.key for info in store.list()] == ["F/blobs/ab/abcd"]


def test_other_programs_files_are_no_objects(store: LocalDatastore) -> None:
    store.put("F/a", [b"x"])
    for name in (".DS_Store", "with space", "caf\u00e9", "%zz", "%41", "half%", "x" * 230):
        Path(store.root, "F", name).write_bytes(b"other")
    Path(store.root, "F", "folder%+").mkdir()
    assert [info.key for info in store.list()] == ["F/a"]


def test_what_an_earlier_version_set_aside_comes_back_or_goes(store: LocalDatastore) -> None:
    """The name of its file had no end of its own."""
    for name in ("ab", "cd"):
        store.put(f"F/blobs/{name}", [b"content"])
        os.rename(f"{store.root}/F/blobs/{name}", f"{store.root}/F/blobs/.aside-{name}")
    assert {info.key for info in store.list_aside("F")} == {"F/blobs/ab", "F/blobs/cd"}
    assert store.restore("F/blobs/ab")
    assert store.get("F/blobs/ab") == b"content"
    store.drop_aside(list(store.list_aside("F")))
    assert [path.name for path in Path(store.root).rglob("*") if path.is_file()] == ["ab"]


def test_a_key_cannot_be_below_an_object(store: LocalDatastore) -> None:
    store.put("F/a", [b"x"])
    with pytest.raises(DatastoreError, match="F/a/b"):
        store.put("F/a/b", [b"y"])
    with pytest.raises(DatastoreError, match="F"):
        store.put("F", [b"y"])
    assert store.get("F/a") == b"x"


def test_an_endless_key_is_refused(store: LocalDatastore) -> None:
    with pytest.raises(DatastoreError, match="xxx"):
        store.put("F/" + "x" * 5000, [b"y"])
    assert store.info("F/" + "x" * 5000) is None


def test_the_root_may_be_removed_while_it_is_in_use(store: LocalDatastore) -> None:
    import shutil

    store.put("F/a", [b"x"])
    shutil.rmtree(store.root)
    assert store.put("F/a", [b"x"])
    assert store.get("F/a") == b"x"


def test_deleting_the_last_object_keeps_the_root(store: LocalDatastore) -> None:
    store.put("F/a/b/c", [b"x"])
    store.delete(["F/a/b/c"])
    assert os.listdir(store.root) == []


# --- mappings ------------------------------------------------------------------------------------------------------


def test_a_large_object_is_mapped_and_a_small_one_read(store: LocalDatastore) -> None:
    for size, kind in ((MEGABYTE - 1, bytearray), (MEGABYTE, mmap.mmap)):
        store.put(f"F/{size}", [bytes(size)])
        assert type(store.get_buffer(f"F/{size}", size).obj) is kind


def test_many_mappings_leave_descriptors_to_the_user(store: LocalDatastore) -> None:
    store.put("F/a", [b"x" * MEGABYTE])
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    try:
        kept = [store.get_buffer("F/a", MEGABYTE) for _ in range(100)]
        users = [open(os.devnull) for _ in range(20)]  # noqa: SIM115
        assert all(buffer[-1] == ord("x") for buffer in kept)
        for file in users:
            file.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_no_descriptor_is_leaked(store: LocalDatastore) -> None:
    def open_descriptors() -> int:
        return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0

    store.put("F/a", [b"x" * 10])
    before = open_descriptors()
    for _ in range(50):
        store.put("F/b", [b"yy"], overwrite=True)
        store.get("F/a")
        store.get_buffer("F/a", 10)
        with pytest.raises(DatastoreError):
            store.get_buffer("F/a", 11)
        with pytest.raises(DatastoreError):
            store.get("F")
        with pytest.raises(DatastoreError):
            store.put("F/a/b", [b"y"])
        next(store.list())
        store.stage().discard()
    assert open_descriptors() == before


# --- parts ---------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_characters="/\\\0"), min_size=1, max_size=400))
def test_any_component_makes_the_way_to_a_path_and_back(component: str) -> None:
    if component in (".", ".."):
        return
    names = relative_path(component).split("/")
    assert all(len(os.fsencode(name)) <= 255 and not name.startswith(".") for name in names)
    assert all(name.endswith("%+") for name in names[:-1])
    assert not names[-1].endswith("%+")
    assert "".join(decode_name(name.removesuffix("%+")) or "" for name in names) == component


@given(st.text(max_size=300))
def test_no_key_leads_out_of_the_root(key: str) -> None:
    try:
        path = relative_path(key)
    except DatastoreError:
        return
    assert os.path.normpath(f"/root/{path}").startswith("/root/")
    assert os.path.normpath(path) == path


@given(st.text(max_size=20))
def test_a_file_name_stands_for_one_component_or_none(name: str) -> None:
    component = decode_name(name)
    if component is not None and component not in (".", "..") and not set(component) & set("/\\\0"):
        assert relative_path(component) == name


def test_writes_go_on_where_the_system_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A pipe takes a few bytes at a time."""
    import threading

    views = [memoryview(bytes([number % 256]) * (number * 37 % 5000)) for number in range(3000)]
    reader, writer = os.pipe()
    received = bytearray()

    def drain() -> None:
        while data := os.read(reader, 777):
            received.extend(data)

    thread = threading.Thread(target=drain)
    thread.start()
    write_all(writer, views)
    os.close(writer)
    thread.join()
    os.close(reader)
    assert received == b"".join(views)


def test_making_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        make_folder(str(tmp_path / "file"))
    make_folder(str(tmp_path / "a/b/c"))
    make_folder(str(tmp_path / "a/b/c"))
