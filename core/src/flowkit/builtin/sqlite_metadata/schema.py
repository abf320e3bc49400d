"""Tables, and how a file of an older version is brought up to this one.

``PRAGMA user_version`` holds the number of migrations that a file has had. A change of the tables is a new entry at the
end of :data:`MIGRATIONS`; entries that were released are never edited.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from flowkit.errors import MetadataError, NewerFormatError

__all__ = ["MIGRATIONS", "OLDEST_READ", "SCHEMA_VERSION", "WITH_INPUT_LABELS", "check_version", "migrate"]

_TABLES = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    flow TEXT NOT NULL,
    run_id TEXT NOT NULL,
    username TEXT NOT NULL,
    created_at REAL NOT NULL,
    status TEXT NOT NULL,
    finished_at REAL,
    heartbeat_at REAL,
    origin_run_id TEXT,
    datastore TEXT NOT NULL,
    datastore_root TEXT NOT NULL,
    code TEXT NOT NULL,
    info TEXT NOT NULL,
    UNIQUE (flow, run_id)
);
CREATE INDEX runs_by_creation ON runs (flow, created_at);

CREATE TABLE run_tags (
    run INTEGER NOT NULL REFERENCES runs (id),
    tag TEXT NOT NULL,
    is_system INTEGER NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (run, tag)
) WITHOUT ROWID;

CREATE TABLE steps (
    run INTEGER NOT NULL REFERENCES runs (id),
    step TEXT NOT NULL,
    created_at REAL NOT NULL,
    UNIQUE (run, step)
);

CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES runs (id),
    step TEXT NOT NULL,
    task_id TEXT NOT NULL,
    created_at REAL NOT NULL,
    ordinal INTEGER NOT NULL,
    status TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    finished_at REAL,
    manifest TEXT,
    index_path TEXT NOT NULL,
    frames TEXT NOT NULL,
    iteration INTEGER NOT NULL,
    key TEXT NOT NULL,
    parents TEXT NOT NULL,
    origin_pathspec TEXT,
    metadata TEXT NOT NULL,
    UNIQUE (run, step, task_id)
);
CREATE INDEX tasks_by_ordinal ON tasks (run, ordinal);
CREATE INDEX tasks_by_step ON tasks (run, step, ordinal);
CREATE INDEX tasks_by_index_path ON tasks (run, index_path);
CREATE INDEX tasks_by_status ON tasks (run, status, ordinal);

CREATE TABLE attempts (
    run INTEGER NOT NULL REFERENCES runs (id),
    step TEXT NOT NULL,
    task_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    status TEXT NOT NULL,
    started_at REAL NOT NULL,
    finished_at REAL,
    manifest TEXT,
    exit_code INTEGER,
    failure TEXT NOT NULL,
    metadata TEXT NOT NULL,
    PRIMARY KEY (run, step, task_id, attempt)
) WITHOUT ROWID
"""

# Tasks by the item of their foreach (as JSON; empty where it isn't known), and runs by user, status and time.
_SEARCHES = """
ALTER TABLE tasks ADD COLUMN input_label TEXT NOT NULL DEFAULT '';
CREATE INDEX tasks_by_input ON tasks (run, step, input_label, ordinal);
CREATE INDEX runs_of_all_flows ON runs (created_at);
CREATE INDEX runs_by_user ON runs (username, created_at);
CREATE INDEX runs_by_status ON runs (status, created_at)
"""

#: Statements, separated by semicolons, that lead from version ``i`` to ``i + 1``.
MIGRATIONS: tuple[str, ...] = (_TABLES, _SEARCHES)
SCHEMA_VERSION = len(MIGRATIONS)
#: A file from this version on is read as it is; what it lacks is done without (an index, so far).
OLDEST_READ = 1
#: The first version whose tasks have a column for the item of their foreach.
WITH_INPUT_LABELS = 2


def check_version(connection: sqlite3.Connection, file: Path, newest: int = SCHEMA_VERSION) -> int:
    """The version of an open file; 0 for one that has no tables yet.

    Raises
    ------
    NewerFormatError
        If the file is newer than ``newest``.
    MetadataError
        If it is a database of something else.
    """
    version = _user_version(connection)
    if version == 0 and connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]:
        # Another process may have made the tables between the two questions: they and the number come together.
        version = _user_version(connection)
        if version == 0:
            raise MetadataError(f"{file} is a database, but not FlowKit's: name another folder, or move the file away")
    if version > newest:
        raise NewerFormatError(
            f"{file} was written by a newer FlowKit (format {version}; this one knows {newest}): update FlowKit"
        )
    return version


def _user_version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, file: Path, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring a file up to the newest version, all or nothing. Several processes may do so at once.

    Raises
    ------
    NewerFormatError, MetadataError, sqlite3.Error
    """
    newest = len(migrations)
    if check_version(connection, file, newest) == newest:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have done it while this one waited for the lock.
        for statements in migrations[check_version(connection, file, newest) :]:
            for statement in statements.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {newest}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
