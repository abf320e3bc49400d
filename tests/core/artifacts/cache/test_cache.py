"""What was read from a remote store is read from this machine the next time, checked."""

from __future__ import annotations

import mmap
import os
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from blake3 import blake3

from flowkit.artifacts.cache import CachedDatastore, CacheFolder
from flowkit.artifacts.layout import blob_key
from flowkit.artifacts.store import ArtifactStore
from flowkit.errors import CorruptedBlobError, InternalError, KeyNotFound
from flowkit.model.artifact import BlobRef
from support.remote_like import RemoteLike

MEGABYTE = 1 << 20
#: What a copy takes besides its content.
EXTRA = 32


class Clock:
    """A time that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def remote(tmp_path: Path) -> RemoteLike:
    return RemoteLike(str(tmp_path / "remote"))


@pytest.fixture
def folder(tmp_path: Path, clock: Clock) -> CacheFolder:
    return CacheFolder(tmp_path / "cache", 10 * MEGABYTE, clock=clock)


@pytest.fixture
def cached(remote: RemoteLike, folder: CacheFolder) -> CachedDatastore:
    return CachedDatastore(remote, folder)


def put(remote: RemoteLike, content: bytes) -> str:
    """A blob; its key."""
    ref = BlobRef(blake3(content).hexdigest(), len(content), "raw", len(content))
    key = blob_key("F", ref)
    remote.put(key, [content])
    return key


def copies(folder: CacheFolder) -> list[Path]:
    return sorted(path for path in folder.path.glob("*/*") if path.is_file())


def size(folder: CacheFolder) -> int:
    return sum(path.stat().st_size for path in copies(folder))


# --- hits and misses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 1000, 3 * MEGABYTE + 5])
def test_a_blob_is_fetched_once(cached: CachedDatastore, remote: RemoteLike, count: int) -> None:
    content = os.urandom(count)
    key = put(remote, content)
    for _ in range(3):
        assert cached.get_buffer(key, count) == content
    assert cached.get(key) == content
    assert remote.fetched == {key: 1}
    # Another object, of another process, finds the copy.
    again = CachedDatastore(remote, CacheFolder(cached.folder.path, 10 * MEGABYTE))
    assert again.get_buffer(key, count) == content
    assert remote.fetched == {key: 1}


def test_large_copies_are_mapped_and_may_be_written_to(cached: CachedDatastore, remote: RemoteLike) -> None:
    content = os.urandom(2 * MEGABYTE)
    key = put(remote, content)
    cached.get_buffer(key, len(content))
    view = cached.get_buffer(key, len(content))
    assert isinstance(view.obj, mmap.mmap)
    view[:4] = b"mine"
    assert cached.get_buffer(key, len(content)) == content
    assert cached.get(key) == content


def test_a_view_outlives_its_file(cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder) -> None:
    content = os.urandom(2 * MEGABYTE)
    key = put(remote, content)
    cached.get_buffer(key, len(content))
    view = cached.get_buffer(key, len(content))
    for path in copies(folder):
        path.unlink()
    assert view == content
    assert cached.get_buffer(key, len(content)) == content
    assert remote.fetched[key] == 2


def test_artifacts_are_loaded_through_it(cached: CachedDatastore, remote: RemoteLike) -> None:
    """Arrays, compressed content, what is inline."""
    writer, reader = ArtifactStore(remote, "F"), ArtifactStore(cached, "F")
    values = [np.random.default_rng(1).random(300_000), np.zeros(500_000), "x" * 50_000, 7]
    entries = [writer.save("x", value) for value in values]
    assert any(ref.blob.codec == "zstd" for entry in entries for ref in entry.buffers)
    for _ in range(2):
        for entry, value in zip(entries, values, strict=True):
            assert np.array_equal(reader.load(entry), value)
    assert set(remote.fetched.values()) == {1}
    loaded = reader.load(entries[0])
    loaded[0] = 5
    assert reader.load(entries[0])[0] == values[0][0]  # type: ignore[index]


def test_code_is_kept_by_its_own_hash(cached: CachedDatastore, remote: RemoteLike) -> None:
    archive = b"an archive"
    key = f"F/code/{sha256(archive).hexdigest()}.tar.gz"
    remote.put(key, [archive])
    assert cached.get(key) == cached.get(key) == archive
    assert remote.fetched[key] == 1
    wrong = f"F/code/{sha256(b'other').hexdigest()}.tar.gz"
    remote.put(wrong, [archive])
    with pytest.raises(CorruptedBlobError, match="F/code/"):
        cached.get(wrong)


def test_what_may_change_is_read_anew(cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder) -> None:
    for key in ("F/runs/1/start/1/0.json", "F/runs/1/start/1/0.log", "F/blobs/ab/notahash", "x"):
        for content in (b"one", b"two"):
            remote.put(key, [content], overwrite=True)
            assert cached.get(key) == cached.get_buffer(key, 3) == content
            assert dict(cached.get_many([key])) == {key: content}
    assert not folder.path.exists()


def test_parts_come_from_the_store(cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder) -> None:
    key = put(remote, b"0123456789")
    assert cached.get(key, 3, 4) == b"3456"
    assert cached.get(key, 3) == b"3456789"
    assert not folder.path.exists()


def test_what_is_missing(cached: CachedDatastore) -> None:
    key = blob_key("F", BlobRef("0" * 64, 3))
    for read in (lambda: cached.get(key), lambda: cached.get_buffer(key, 3)):
        with pytest.raises(KeyNotFound):
            read()


# --- damage ------------------------------------------------------------------------------------------------------


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def change_digest(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [cut, empty, change, change_digest], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("count", [1000, 2 * MEGABYTE])
def test_a_damaged_copy_is_replaced(
    cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder, count: int, damage: Callable[[Path], None]
) -> None:
    content = os.urandom(count)
    key = put(remote, content)
    cached.get_buffer(key, count)
    damage(copies(folder)[0])
    assert cached.get_buffer(key, count) == content
    assert remote.fetched[key] == 2
    assert cached.get_buffer(key, count) == content
    assert remote.fetched[key] == 2


def test_a_folder_in_the_way_is_passed_over(cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder) -> None:
    key = put(remote, b"content")
    cached.get_buffer(key, 7)
    replace_by_folder(copies(folder)[0])
    assert cached.get_buffer(key, 7) == b"content"


def test_wrong_bytes_of_the_store_are_never_kept(
    cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder
) -> None:
    """Raw, or compressed: of its bytes one was changed, or they are another blob's."""
    raw = put(remote, b"right")
    remote.put(raw, [b"wrong"], overwrite=True)
    compressed = ArtifactStore(remote, "F").put_blob(bytes(3 * MEGABYTE))
    other = ArtifactStore(remote, "F").put_blob(b"\1" * 3 * MEGABYTE)
    key = blob_key("F", compressed)
    stored = remote.get(key)
    changed = bytearray(stored)
    changed[20] ^= 1
    for content in (bytes(changed), stored[:-1] + b"x", remote.get(blob_key("F", other))):
        remote.put(key, [content], overwrite=True)
        with pytest.raises(CorruptedBlobError, match=compressed.hash):
            cached.get_buffer(key, len(content))
    with pytest.raises(CorruptedBlobError, match="doesn't have the content"):
        cached.get_buffer(raw, 5)
    assert not folder.path.exists()
    # It is mended there, and read.
    remote.put(key, [stored], overwrite=True)
    assert ArtifactStore(cached, "F").get_blob(compressed) == bytes(3 * MEGABYTE)


# --- room --------------------------------------------------------------------------------------------------------


def test_what_was_used_longest_ago_goes(
    cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder, clock: Clock
) -> None:
    contents = [os.urandom(MEGABYTE - EXTRA) for _ in range(12)]
    keys = [put(remote, content) for content in contents]
    for key in keys[:10]:
        clock.now += 60
        cached.get_buffer(key, MEGABYTE - EXTRA)
    assert size(folder) == 10 * MEGABYTE
    cached.get_buffer(keys[0], MEGABYTE - EXTRA)
    clock.now += 60
    cached.get_buffer(keys[10], MEGABYTE - EXTRA)
    assert size(folder) <= 9 * MEGABYTE
    remote.fetched.clear()
    for key in (keys[0], *keys[4:10], keys[10]):
        cached.get_buffer(key, MEGABYTE - EXTRA)
    assert remote.fetched == {}
    cached.get_buffer(keys[1], MEGABYTE - EXTRA)
    assert remote.fetched == {keys[1]: 1}


def test_what_was_used_when_the_clock_was_ahead_goes_first(
    cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder, clock: Clock
) -> None:
    """It would be the newest until that time has come, and leave no room."""
    keys = [put(remote, os.urandom(MEGABYTE - EXTRA)) for _ in range(12)]
    clock.now += 1e8
    for key in keys[:9]:
        cached.get_buffer(key, MEGABYTE - EXTRA)
    clock.now -= 1e8
    for key in keys[9:]:
        clock.now += 60
        cached.get_buffer(key, MEGABYTE - EXTRA)
    remote.fetched.clear()
    for key in keys[9:]:
        cached.get_buffer(key, MEGABYTE - EXTRA)
    assert remote.fetched == {}
    assert size(folder) <= 10 * MEGABYTE


def test_new_files_stay(cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder, clock: Clock) -> None:
    """For ten seconds, whatever that takes."""
    keys = [put(remote, os.urandom(MEGABYTE)) for _ in range(15)]
    for key in keys:
        cached.get_buffer(key, MEGABYTE)
    assert len(copies(folder)) == 15
    clock.now += 9
    cached.get_buffer(put(remote, b"x"), 1)
    assert len(copies(folder)) == 16
    clock.now += 2
    cached.get_buffer(put(remote, b"y"), 1)
    assert size(folder) <= 10 * MEGABYTE


def test_what_would_not_fit_is_not_kept(cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder) -> None:
    content = os.urandom(10 * MEGABYTE)
    key = put(remote, content)
    assert cached.get_buffer(key, len(content)) == content
    assert not folder.path.exists()


def test_what_others_removed_or_lost_count_of_is_counted_anew(
    cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder, clock: Clock
) -> None:
    for _ in range(9):
        cached.get_buffer(put(remote, os.urandom(MEGABYTE)), MEGABYTE)
    (folder.path / "total").write_text("not a number")
    clock.now += 60
    cached.get_buffer(put(remote, os.urandom(MEGABYTE)), MEGABYTE)
    assert size(folder) <= 10 * MEGABYTE
    for path in copies(folder):
        path.unlink()
    for _ in range(9):
        cached.get_buffer(put(remote, os.urandom(MEGABYTE)), MEGABYTE)
    assert len(copies(folder)) == 9


def test_what_killed_writers_left_is_removed(
    cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder, clock: Clock
) -> None:
    cached.get_buffer(put(remote, b"x"), 1)
    left = copies(folder)[0].parent / ".123-abc.tmp"
    left.write_bytes(b"half")
    os.utime(left, (clock.now, clock.now))
    clock.now += 100
    (folder.path / "total").unlink()
    cached.get_buffer(put(remote, b"y"), 1)
    assert left.exists()
    clock.now += 4000
    cached.get_buffer(put(remote, b"z"), 1)
    assert not left.exists()


# --- places ------------------------------------------------------------------------------------------------------


def test_the_folder_is_the_users_own(cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder) -> None:
    cached.get_buffer(put(remote, b"x"), 1)
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(copies(folder)[0].parent.stat().st_mode) == 0o700


def test_reading_goes_on_without_a_folder(remote: RemoteLike, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    cached = CachedDatastore(remote, CacheFolder(blocked / "cache", MEGABYTE))
    key = put(remote, b"content")
    for _ in range(2):
        assert cached.get_buffer(key, 7) == b"content"
    assert remote.fetched[key] == 2


def test_many_readers_at_once(cached: CachedDatastore, remote: RemoteLike, folder: CacheFolder) -> None:
    contents = {put(remote, content): content for content in (os.urandom(200_000) for _ in range(20))}
    start = threading.Barrier(8)

    def read(_: int) -> bool:
        start.wait()
        return all(cached.get_buffer(key, 200_000) == content for key, content in contents.items())

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(8)))
    assert len(copies(folder)) == 20
    assert not list(folder.path.glob("*/*.tmp"))


def test_all_else_goes_to_the_store(cached: CachedDatastore, remote: RemoteLike) -> None:
    assert cached.put("F/a", [b"x"])
    cached.put_many([("F/b", [b"yy"])])
    log = cached.open_log("F/log")
    log.append(b"line")
    log.close()
    staged = cached.stage("F")
    staged.write(b"staged")
    staged.commit("F/c")
    assert {info.key: info.size for info in cached.list("F")} == {"F/a": 1, "F/b": 2, "F/log": 4, "F/c": 6}
    assert cached.renew("F/a")
    assert cached.info("F/b") is not None
    assert cached.local_path("F/a") is None
    cached.delete(["F/a"])
    assert cached.info("F/a") is None
    assert cached.remove_leftovers(0) == 0
    assert cached.root == remote.root
    cached.close()
    with pytest.raises(InternalError):
        CachedDatastore.open("x")
