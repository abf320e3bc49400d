"""Runs, tasks and tags in one SQLite file beside the local artifacts."""

from flowkit.builtin.sqlite_metadata.provider import SQLiteMetadata

__all__ = ["SQLiteMetadata"]
