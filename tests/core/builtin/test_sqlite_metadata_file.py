"""The SQLite provider's file: versions, damage, full disks, locks, threads."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flowkit.builtin.sqlite_metadata import SQLiteMetadata, connection, schema
from flowkit.errors import MetadataError, NewerFormatError, StorageFull
from flowkit.model.record import Metadatum, Page, TaskSearch
from flowkit.testing.metadata_samples import a_run, a_task, some_tasks

FLOW = "TestFlow"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "deep" / ".flowkit"


@pytest.fixture
def writer(folder: Path) -> Iterator[SQLiteMetadata]:
    provider = SQLiteMetadata.open(str(folder))
    yield provider
    provider.close()


@pytest.fixture
def reader(folder: Path) -> Iterator[SQLiteMetadata]:
    provider = SQLiteMetadata.open(str(folder), read_only=True)
    yield provider
    provider.close()


def pragma(file: Path, name: str) -> object:
    with closing(sqlite3.connect(file)) as raw:
        return raw.execute(f"PRAGMA {name}").fetchone()[0]


# --- where -------------------------------------------------------------------------------------------------------


def test_a_location_is_a_folder_or_a_file(tmp_path: Path) -> None:
    assert SQLiteMetadata.open(str(tmp_path)).file == tmp_path / "metadata.db"
    assert SQLiteMetadata.open(str(tmp_path / "own.db")).file == tmp_path / "own.db"


def test_a_reader_may_name_the_folder_above(writer: SQLiteMetadata, folder: Path) -> None:
    writer.create_run(a_run())
    reader = SQLiteMetadata.open(str(folder.parent), read_only=True)
    assert reader.location == str(folder)
    assert reader.run(FLOW, "1") == a_run()
    assert SQLiteMetadata.open(str(folder.parent)).location == str(folder.parent)
    reader.close()


def test_a_reader_of_the_folder_above_may_come_first(writer: SQLiteMetadata, folder: Path) -> None:
    reader = SQLiteMetadata.open(str(folder.parent), read_only=True)
    assert list(reader.flows()) == []
    writer.create_run(a_run())
    assert list(reader.flows()) == [FLOW]
    assert reader.location == str(folder)
    reader.close()


def test_readers_and_idle_writers_make_nothing(writer: SQLiteMetadata, reader: SQLiteMetadata, folder: Path) -> None:
    for provider in (reader, writer):
        assert list(provider.flows()) == []
        assert provider.run(FLOW, "1") is None
    assert not folder.exists()
    assert not folder.parent.exists()


def test_a_reader_never_writes(writer: SQLiteMetadata, reader: SQLiteMetadata) -> None:
    writer.create_run(a_run())
    with pytest.raises(MetadataError, match="reading only"):
        reader.write([a_task()])
    with pytest.raises(MetadataError, match="reading only"):
        reader.mutate_tags(FLOW, "1", add=["a"])


def test_a_file_that_was_replaced_is_opened_anew(writer: SQLiteMetadata, reader: SQLiteMetadata, folder: Path) -> None:
    import shutil

    writer.create_run(a_run())
    assert reader.run(FLOW, "1") is not None
    shutil.rmtree(folder)
    assert reader.run(FLOW, "1") is None
    assert writer.run(FLOW, "1") is None
    assert writer.create_run(a_run(username="again"))
    assert reader.run(FLOW, "1") == a_run(username="again")


# --- format ------------------------------------------------------------------------------------------------------


def test_the_format_is_numbered_and_the_journal_is_ahead(writer: SQLiteMetadata) -> None:
    writer.create_run(a_run())
    assert pragma(writer.file, "user_version") == schema.SCHEMA_VERSION == len(schema.MIGRATIONS)
    assert pragma(writer.file, "journal_mode") == "wal"


@pytest.mark.parametrize("read_only", [True, False])
def test_a_newer_format_is_refused(writer: SQLiteMetadata, folder: Path, read_only: bool) -> None:
    writer.create_run(a_run())
    writer.close()
    with closing(sqlite3.connect(writer.file)) as raw:
        raw.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION + 1}")
    provider = SQLiteMetadata.open(str(folder), read_only=read_only)
    with pytest.raises(NewerFormatError, match="update FlowKit"):
        provider.flows()
    if not read_only:
        with pytest.raises(NewerFormatError):
            provider.create_run(a_run("2"))


def test_an_older_format_is_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    first = "CREATE TABLE a (x); INSERT INTO a VALUES (1)"
    second = "ALTER TABLE a ADD COLUMN y; UPDATE a SET y = x + 1"
    with closing(sqlite3.connect(file, isolation_level=None)) as raw:
        schema.migrate(raw, file, [first])
        assert pragma(file, "user_version") == 1
        schema.migrate(raw, file, [first, second])
        schema.migrate(raw, file, [first, second])
        assert raw.execute("SELECT x, y FROM a").fetchall() == [(1, 2)]
        assert pragma(file, "user_version") == 2
        with pytest.raises(sqlite3.Error):
            schema.migrate(raw, file, [first, second, "CREATE TABLE b (x); NONSENSE"])
        assert pragma(file, "user_version") == 2
        assert raw.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (1,)
        with pytest.raises(NewerFormatError):
            schema.migrate(raw, file, [first])


def test_a_file_of_the_first_format_is_read_as_it_is(writer: SQLiteMetadata, reader: SQLiteMetadata) -> None:
    """By those who can't write it, too; the next to write brings it up to date."""
    writer.create_run(a_run())
    frames = (("start", "1", "x", 0, 2),)
    tasks = [
        a_task(str(number), frames=frames, metadata=(Metadatum("foreach-stack", f'["x={number}"]'),))
        for number in range(1, 4)
    ]
    writer.write(tasks)
    writer.close()
    indexes = ("tasks_by_input", "runs_of_all_flows", "runs_by_user", "runs_by_status")
    with closing(sqlite3.connect(writer.file, isolation_level=None)) as raw:
        for index in indexes:
            raw.execute(f"DROP INDEX {index}")
        raw.execute("ALTER TABLE tasks DROP COLUMN input_label")
        raw.execute("PRAGMA user_version = 1")
    where = TaskSearch(step="start", input="2")
    assert reader.find_tasks(FLOW, "1", where).items == (tasks[1],)
    assert reader.run(FLOW, "1") == a_run()
    assert [run.run_id for run in reader.runs_of_all_flows()] == ["1"]
    assert pragma(writer.file, "user_version") == 1
    # Of tasks that were recorded before, the item isn't in the index, and must be looked at.
    assert set(writer.find_tasks(FLOW, "1", where).items) == set(tasks)
    assert pragma(writer.file, "user_version") == schema.SCHEMA_VERSION
    writer.write(tasks)
    assert reader.find_tasks(FLOW, "1", where).items == (tasks[1],)


def test_an_older_file_is_read_once_it_is_up_to_date(writer: SQLiteMetadata, monkeypatch: pytest.MonkeyPatch) -> None:
    writer.create_run(a_run())
    writer.close()
    newer = (*schema.MIGRATIONS, "ALTER TABLE runs ADD COLUMN colour TEXT")
    monkeypatch.setattr(schema, "MIGRATIONS", newer)
    monkeypatch.setattr(schema.migrate, "__defaults__", (newer,))
    monkeypatch.setattr(schema.check_version, "__defaults__", (len(newer),))
    monkeypatch.setattr(connection, "SCHEMA_VERSION", len(newer))
    monkeypatch.setattr(connection, "OLDEST_READ", len(newer))
    reader = SQLiteMetadata.open(writer.location, read_only=True)
    with pytest.raises(MetadataError, match="older format"):
        reader.flows()
    again = SQLiteMetadata.open(writer.location)
    assert list(again.flows()) == [FLOW]
    assert pragma(writer.file, "user_version") == len(newer)
    assert list(reader.flows()) == [FLOW]
    again.close()
    reader.close()


def test_a_database_of_something_else(folder: Path, writer: SQLiteMetadata, reader: SQLiteMetadata) -> None:
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "metadata.db")) as raw:
        raw.execute("CREATE TABLE theirs (x)")
    for call in (reader.flows, writer.flows, lambda: writer.create_run(a_run())):
        with pytest.raises(MetadataError, match="not FlowKit's"):
            call()
    with closing(sqlite3.connect(folder / "metadata.db")) as raw:
        assert raw.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_an_empty_file_is_empty(folder: Path, writer: SQLiteMetadata, reader: SQLiteMetadata) -> None:
    folder.mkdir(parents=True)
    (folder / "metadata.db").touch()
    assert list(reader.flows()) == []
    assert writer.create_run(a_run())
    assert list(reader.flows()) == [FLOW]


# --- trouble -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("read_only", [True, False])
def test_a_file_that_is_no_database(folder: Path, read_only: bool) -> None:
    folder.mkdir(parents=True)
    (folder / "metadata.db").write_bytes(b"this is no database at all" * 100)
    provider = SQLiteMetadata.open(str(folder), read_only=read_only)
    with pytest.raises(MetadataError, match=r"metadata\.db is damaged .*move it away"):
        provider.flows()


def test_a_damaged_file(writer: SQLiteMetadata) -> None:
    writer.create_run(a_run())
    for first in range(0, 2000, 200):
        writer.write(some_tasks(200, first=first))
    writer.close()
    content = bytearray(writer.file.read_bytes())
    for position in range(4096 * 2, len(content), 4096):
        content[position : position + 64] = b"\xa5" * 64
    writer.file.write_bytes(content)
    with pytest.raises(MetadataError, match="is damaged"):
        list(writer.all_tasks(FLOW, "1"))


def test_a_full_disk(writer: SQLiteMetadata) -> None:
    writer.create_run(a_run())
    pages = int(str(pragma(writer.file, "page_count")))
    writer._connection._writer().execute(f"PRAGMA max_page_count = {pages + 3}")
    with pytest.raises(StorageFull, match=r"no space is left for .*metadata\.db"):
        writer.write(some_tasks(2000))
    assert writer.count_tasks(FLOW, "1") == 0
    writer.write(some_tasks(1))
    assert writer.count_tasks(FLOW, "1") == 1


def test_text_that_is_no_utf8(writer: SQLiteMetadata) -> None:
    writer.create_run(a_run())
    with pytest.raises(MetadataError, match="UTF-8"):
        writer.write([a_task(step="\udcff")])
    assert writer.count_tasks(FLOW, "1") == 0


def test_a_task_of_a_run_that_is_not_recorded(writer: SQLiteMetadata) -> None:
    with pytest.raises(MetadataError, match=f"{FLOW}/1 isn't recorded"):
        writer.write([a_run("2"), a_task()])
    assert writer.run(FLOW, "2") is None


@pytest.mark.parametrize("page", [Page(limit=0), Page(limit=-1), Page(after="nonsense"), Page(after="1")])
def test_pages_that_can_not_be(writer: SQLiteMetadata, page: Page) -> None:
    writer.create_run(a_run())
    with pytest.raises(MetadataError):
        writer.runs(FLOW, page=page)
    with pytest.raises(MetadataError):
        writer.tasks(FLOW, "1", page=page)


def test_a_lock_is_waited_for(writer: SQLiteMetadata) -> None:
    writer.create_run(a_run())
    with closing(sqlite3.connect(writer.file, isolation_level=None, check_same_thread=False)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.2, lambda: raw.execute("COMMIT"))
        timer.start()
        writer.write(some_tasks(1))
        timer.join()
    assert writer.count_tasks(FLOW, "1") == 1


def test_a_lock_that_stays(writer: SQLiteMetadata, monkeypatch: pytest.MonkeyPatch) -> None:
    writer.create_run(a_run())
    writer.close()
    monkeypatch.setattr(connection, "_LOCK_SECONDS", 0.01)
    monkeypatch.setattr(connection, "_DEADLINE_SECONDS", 0.1)
    with closing(sqlite3.connect(writer.file, isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        assert writer.run(FLOW, "1") == a_run()
        with pytest.raises(MetadataError, match="locked by another process"):
            writer.write(some_tasks(1))
        raw.execute("ROLLBACK")
    writer.write(some_tasks(1))


def test_no_read_stays_open(writer: SQLiteMetadata, reader: SQLiteMetadata) -> None:
    writer.create_run(a_run())
    writer.write(some_tasks(100))
    tasks = reader.all_tasks(FLOW, "1")
    next(tasks)
    reader.tasks(FLOW, "1", page=Page(limit=10))
    with closing(sqlite3.connect(writer.file)) as raw:
        # A reader in the middle of a transaction would keep the log from being emptied.
        assert raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def test_an_interrupt_in_a_transaction_undoes_it(writer: SQLiteMetadata) -> None:
    writer.create_run(a_run())
    with pytest.raises(KeyboardInterrupt):
        writer._connection.transact(_insert_and_fail)
    assert writer.run(FLOW, "1") == a_run()
    writer.write([a_task()])


def _insert_and_fail(raw: sqlite3.Connection) -> None:
    raw.execute("UPDATE runs SET username = 'half'")
    raise KeyboardInterrupt


def test_threads_share_a_provider(writer: SQLiteMetadata) -> None:
    writer.create_run(a_run())
    threads = [
        threading.Thread(target=lambda n=number: writer.write(some_tasks(10, first=1 + 10 * n))) for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert writer.count_tasks(FLOW, "1") == 80


@pytest.mark.parametrize(("value", "expected"), [("true", 2), ("false", 1)])
def test_fsync_is_a_setting(folder: Path, monkeypatch: pytest.MonkeyPatch, value: str, expected: int) -> None:
    monkeypatch.setenv("FLOWKIT_FSYNC", value)
    provider = SQLiteMetadata.open(str(folder))
    assert provider._connection._writer().execute("PRAGMA synchronous").fetchone() == (expected,)
    provider.close()
