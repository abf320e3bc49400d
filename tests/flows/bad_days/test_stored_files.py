"""Stored files that are damaged or from elsewhere: what can't be read is named, and all else is read as before."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from pathlib import Path

import pytest

from support.bad_days import FLOW, assert_told, only_manifest, run_that_fails, run_that_succeeds
from support.project import Project


@pytest.fixture
def there(project: Project) -> Project:
    project.write("flow.py", FLOW)
    return project


def read(project: Project, expression: str) -> str:
    """The value of an expression about a run."""
    done = project.python("-c", f"from flowkit import Flow, Run, Task\nprint({expression})", check=True)
    return done.stdout.rstrip("\n")


def blobs(project: Project) -> list[Path]:
    return [file for file in (project.store / "BadDayFlow" / "blobs").rglob("*") if file.is_file()]


def cut(file: Path) -> bytes:
    """Cut a file in half. Returns what it was."""
    content = file.read_bytes()
    # Another file of that name: a blob is never opened for writing.
    file.unlink()
    file.write_bytes(content[: len(content) // 2])
    return content


def test_a_truncated_blob(there: Project) -> None:
    good = run_that_succeeds(there)
    (kept,) = blobs(there)
    failed = run_that_fails(there)
    (blob,) = set(blobs(there)) - {kept}
    content = cut(blob)

    done = there.run("resume")
    assert_told(done, blob.name[:12], "artifact 'data'")
    reading = there.python("-c", f"from flowkit import Run\nRun('BadDayFlow/{failed}')['start'].task.data.data")
    assert reading.stderr.splitlines()[-1].startswith("flowkit.errors.CorruptedBlobError: ")
    assert read(there, f"len(Run('BadDayFlow/{good}')['start'].task.data.data)") == "100000"
    assert read(there, f"Run('BadDayFlow/{failed}')['start'].task.data.size") == "100000"

    blob.unlink()
    blob.write_bytes(content)
    mended = there.run("resume", "--origin-run-id", failed, check=True)
    assert mended.stdout.endswith("seen 100000 number 7\n")
    assert (there.path / "started").read_text() == "xx"


def test_a_run_that_writes_a_truncated_blob_again_mends_it(there: Project) -> None:
    there.write("flow.py", FLOW.replace("os.urandom(100_000)", "bytes(range(256)) * 1000"))
    first = run_that_succeeds(there)
    for blob in blobs(there):
        cut(blob)
    run_that_succeeds(there)
    assert read(there, f"len(Run('BadDayFlow/{first}')['start'].task.data.data)") == "256000"


@pytest.mark.parametrize("damage", ["cut", "empty", "other"])
def test_a_damaged_manifest(there: Project, damage: str) -> None:
    good = run_that_succeeds(there)
    failed = run_that_fails(there)
    manifest = only_manifest(there, failed, "start")
    content = manifest.read_bytes()
    manifest.write_bytes({"cut": content[: len(content) // 2], "empty": b"", "other": b"[1, 2]"}[damage])

    shown = there.run("dump", f"{failed}/start")
    assert_told(shown, manifest.name, "start", headline="Corrupted object")
    assert read(there, f"Run('BadDayFlow/{good}').data.seen") == "100000"
    assert_told(there.run("resume"), manifest.name, "resume start")
    # As the message says: what the manifest told is lost, so its step is done again.
    done = there.run("resume", "start", check=True)
    assert done.stdout.endswith("seen 100000 number 7\n")
    assert (there.path / "started").read_text() == "xxx"


def test_a_manifest_from_a_newer_version(there: Project) -> None:
    run_id = run_that_succeeds(there)
    manifest = only_manifest(there, run_id, "start")
    document = json.loads(manifest.read_bytes())
    (version,) = [key for key, value in document.items() if key in ("format", "version") and isinstance(value, int)]
    manifest.write_text(json.dumps({**document, version: 1000}))
    assert_told(there.run("dump", f"{run_id}/start"), "1000", "install the version", headline="Newer format")
    assert read(there, f"Run('BadDayFlow/{run_id}').data.seen") == "100000"


def commands(project: Project, run_id: str) -> list[list[str]]:
    del project
    return [["run"], ["resume"], ["logs", f"{run_id}/end"], ["dump", f"{run_id}/end"]]


def test_a_metadata_file_from_a_newer_version(there: Project) -> None:
    run_id = run_that_succeeds(there)
    file = there.store / "metadata.db"
    with sqlite3.connect(file) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("PRAGMA user_version = 1000")
    connection.close()
    for command in commands(there, run_id):
        assert_told(there.run(*command), "metadata.db", "1000", headline="Newer format")
    reading = there.python("-c", "from flowkit import Flow\nFlow('BadDayFlow')")
    assert reading.stderr.splitlines()[-1].startswith("flowkit.errors.NewerFormatError: ")
    assert (there.path / "started").read_text() == "x"

    with sqlite3.connect(file) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    assert there.run("logs", f"{run_id}/end", "--stdout", check=True).stdout == "seen 100000 number 7\n"
    run_that_succeeds(there)


@pytest.mark.parametrize("content", [b"this is text\n" * 1000, os.urandom(8192)])
def test_a_file_that_isnt_a_database(there: Project, content: bytes) -> None:
    run_id = run_that_succeeds(there)
    file = there.store / "metadata.db"
    for extra in there.store.glob("metadata.db-*"):
        extra.unlink()
    good = file.read_bytes()
    file.write_bytes(content)
    for command in commands(there, run_id):
        assert_told(there.run(*command), "metadata.db", "is damaged", "backup", headline="Metadata error")
    assert file.read_bytes() == content
    file.write_bytes(good)
    assert there.run("logs", f"{run_id}/end", "--stdout", check=True).stdout == "seen 100000 number 7\n"


def test_a_log_that_was_cut_is_read_as_far_as_it_goes(there: Project) -> None:
    run_id = run_that_succeeds(there)
    (log,) = (there.store / "BadDayFlow" / "runs" / run_id / "end").rglob("*.log")
    log.write_bytes(log.read_bytes()[:-5])
    done = there.run("logs", f"{run_id}/end", "--stdout", check=True)
    assert re.match(r"seen 100000", done.stdout)
