"""The SQLite provider where it may not write, and on network filesystems."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flowkit.builtin.sqlite_metadata import SQLiteMetadata, connection
from flowkit.builtin.sqlite_metadata.filesystem import filesystem_type, is_on_network
from flowkit.errors import StorageReadOnly
from flowkit.model.record import TaskFilter
from flowkit.testing.metadata_samples import a_run, a_task, some_tasks

FLOW = "TestFlow"

# --- permissions -------------------------------------------------------------------------------------------------


def as_nobody(work: Callable[[], object]) -> object:
    """What ``work`` returns in a process that has no rights of root's; raises what it raises."""
    import pickle

    output, entrance = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            result: object = work()
        except BaseException as error:
            result = error
        os.write(entrance, pickle.dumps(result))
        os._exit(0)
    os.close(entrance)
    with open(output, "rb") as stream:
        content = stream.read()
    os.waitpid(child, 0)
    result = pickle.loads(content)
    if isinstance(result, BaseException):
        raise result
    return result


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder that everyone can read, but only its owner can write."""
    # pytest's own folders can't be entered by nobody.
    with tempfile.TemporaryDirectory(dir="/tmp" if os.getuid() == 0 else None) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


def close_for_all(folder: Path) -> None:
    folder.chmod(0o555)


def test_a_folder_that_can_not_be_written_is_read(closed_folder: Path) -> None:
    writer = SQLiteMetadata.open(str(closed_folder))
    writer.create_run(a_run())
    writer.write([a_task()])
    writer.close()
    assert [path.name for path in closed_folder.iterdir()] == ["metadata.db"]
    close_for_all(closed_folder)
    for read_only in (True, False):
        provider = SQLiteMetadata.open(str(closed_folder), read_only=read_only)
        assert as_nobody(lambda one=provider: one.task(FLOW, "1", "start", "1")) == a_task()
    assert [path.name for path in closed_folder.iterdir()] == ["metadata.db"]


def test_a_folder_that_can_not_be_written_while_its_owner_writes(closed_folder: Path) -> None:
    writer = SQLiteMetadata.open(str(closed_folder))
    writer.create_run(a_run())
    assert (closed_folder / "metadata.db-wal").stat().st_size > 0

    def read() -> list[object]:
        reader = SQLiteMetadata.open(str(closed_folder), read_only=True)
        found: list[object] = [reader.run(FLOW, "1")]
        found.append(reader.count_tasks(FLOW, "1", TaskFilter(step="start")))
        reader.close()
        return found

    assert as_nobody(read) == [a_run(), 0]
    writer.write([a_task()])
    assert as_nobody(read) == [a_run(), 1]
    writer.close()
    assert as_nobody(read) == [a_run(), 1]


def test_an_immutable_reader_sees_what_is_added_later(closed_folder: Path) -> None:
    writer = SQLiteMetadata.open(str(closed_folder))
    writer.create_run(a_run())
    writer.close()
    ready, go = os.pipe(), os.pipe()

    def read() -> list[int]:
        reader = SQLiteMetadata.open(str(closed_folder), read_only=True)
        counts = [reader.count_tasks(FLOW, "1")]
        os.write(ready[1], b"x")
        os.read(go[0], 1)
        counts.append(reader.count_tasks(FLOW, "1"))
        return counts

    def add() -> None:
        os.read(ready[0], 1)
        writer.write(some_tasks(5))
        writer.close()
        os.write(go[1], b"x")

    thread = threading.Thread(target=add)
    thread.start()
    assert as_nobody(read) == [0, 5]
    thread.join()
    for end in (*ready, *go):
        os.close(end)


def test_writing_where_one_may_not(closed_folder: Path) -> None:
    writer = SQLiteMetadata.open(str(closed_folder))
    writer.create_run(a_run())
    writer.close()
    close_for_all(closed_folder)
    for location in (closed_folder, closed_folder / "new"):
        provider = SQLiteMetadata.open(str(location))
        with pytest.raises(StorageReadOnly, match="check"):
            as_nobody(lambda one=provider: one.create_run(a_run("2")))


def test_a_file_that_can_not_be_read(closed_folder: Path) -> None:
    writer = SQLiteMetadata.open(str(closed_folder))
    writer.create_run(a_run())
    writer.close()
    writer.file.chmod(0o000)
    reader = SQLiteMetadata.open(str(closed_folder), read_only=True)
    with pytest.raises(StorageReadOnly, match="permissions"):
        as_nobody(reader.flows)


# --- left by a process that was killed ---------------------------------------------------------------------------


def kill_amid_a_commit(file: Path) -> None:
    """Let a process be killed when it has written half of its changes over what was there."""
    child = os.fork()
    if child == 0:
        raw = sqlite3.connect(file, isolation_level=None)
        raw.execute("PRAGMA cache_size = 1")  # pages are written while the transaction goes on
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("DELETE FROM tasks")
        raw.execute("UPDATE runs SET status = 'failed'")
        os.kill(os.getpid(), signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.fixture
def half_written(closed_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as of a network filesystem, where a process was killed amid a commit."""
    monkeypatch.setattr(connection, "is_on_network", lambda path: True)
    writer = SQLiteMetadata.open(str(closed_folder))
    writer.create_run(a_run())
    writer.write(some_tasks(500))
    writer.close()
    before = writer.file.read_bytes()
    kill_amid_a_commit(writer.file)
    assert writer.file.read_bytes() != before
    assert (closed_folder / "metadata.db-journal").stat().st_size > 0
    return closed_folder


@pytest.mark.parametrize("read_only", [True, False])
def test_half_of_a_commit_is_undone_by_who_reads_next(half_written: Path, read_only: bool) -> None:
    provider = SQLiteMetadata.open(str(half_written), read_only=read_only)
    assert provider.run(FLOW, "1") == a_run()
    assert provider.count_tasks(FLOW, "1") == 500
    assert [path.name for path in half_written.iterdir()] == ["metadata.db"]
    provider.close()


def test_half_of_a_commit_is_undone_for_a_reader_that_was_there_before(half_written: Path) -> None:
    reader = SQLiteMetadata.open(str(half_written), read_only=True)
    assert reader.count_tasks(FLOW, "1") == 500
    kill_amid_a_commit(reader.file)
    assert reader.count_tasks(FLOW, "1") == 500
    assert reader.run(FLOW, "1") == a_run()
    reader.close()


def test_half_of_a_commit_is_not_read_by_who_can_not_undo_it(half_written: Path) -> None:
    close_for_all(half_written)
    reader = SQLiteMetadata.open(str(half_written), read_only=True)
    with pytest.raises(StorageReadOnly, match=r"left metadata\.db-journal.*flowkit status.*copy the folder"):
        as_nobody(lambda: reader.count_tasks(FLOW, "1"))
    half_written.chmod(0o755)
    assert reader.count_tasks(FLOW, "1") == 500
    close_for_all(half_written)
    assert as_nobody(lambda: reader.count_tasks(FLOW, "1")) == 500


def test_a_log_without_its_index_where_none_can_be_made(closed_folder: Path) -> None:
    writer = SQLiteMetadata.open(str(closed_folder / "alive"))
    writer.create_run(a_run())
    folder = closed_folder / "copy"
    folder.mkdir()
    for kind in ("", "-wal"):
        shutil.copy(f"{writer.file}{kind}", folder)
    writer.close()
    close_for_all(folder)
    reader = SQLiteMetadata.open(str(folder), read_only=True)
    with pytest.raises(StorageReadOnly, match=r"left metadata\.db-wal.*flowkit status.*copy the folder"):
        as_nobody(lambda: reader.run(FLOW, "1"))


# --- filesystems -------------------------------------------------------------------------------------------------

MOUNTS = """\
proc /proc proc rw 0 0
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
//box/share /mnt/a\\040share cifs rw 0 0
me@host:/x /mnt/ssh fuse.sshfs rw 0 0
tmpfs /home/local tmpfs rw 0 0
short
/dev/sdb1 /mnt/over ext4 rw 0 0
server:/b /mnt/over nfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind", "remote"),
    [
        ("/var/x", "ext4", False),
        ("/home/me/.flowkit/metadata.db", "nfs4", True),
        ("/homes", "ext4", False),
        ("/home", "nfs4", True),
        ("/home/local/x", "tmpfs", False),
        ("/mnt/a share/x", "cifs", True),
        ("/mnt/ssh/x", "fuse.sshfs", True),
        ("/mnt/over/x", "nfs", True),
    ],
)
def test_network_filesystems_are_known(tmp_path: Path, path: str, kind: str, remote: bool) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    assert filesystem_type(Path(path), mounts) == kind
    assert is_on_network(Path(path), mounts) is remote
    assert filesystem_type(Path(path), tmp_path / "missing") == ""
    assert is_on_network(Path(path), tmp_path / "missing") is False


def test_the_journal_on_a_network_filesystem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new"
    provider = SQLiteMetadata.open(str(folder))
    provider.create_run(a_run())
    provider.close()
    monkeypatch.setattr(connection, "is_on_network", lambda path: True)
    provider = SQLiteMetadata.open(str(folder))
    reader = SQLiteMetadata.open(str(folder), read_only=True)
    provider.write([a_task()])
    assert reader.count_tasks(FLOW, "1") == 1
    with closing(sqlite3.connect(provider.file)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert [path.name for path in folder.iterdir()] == ["metadata.db"]
    provider.close()
    reader.close()
