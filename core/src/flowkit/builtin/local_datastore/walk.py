"""Walks over the folders of a local datastore."""

from __future__ import annotations

import os
from collections.abc import Iterator

from flowkit.builtin.local_datastore.paths import CONTINUED, TEMPORARY, decode_name
from flowkit.interfaces.datastore import ObjectInfo

__all__ = ["entries", "leftovers", "walk"]


def walk(folder: str, prefix: str, *, recursive: bool) -> Iterator[ObjectInfo]:
    """Objects in ``folder``, whose keys begin with ``prefix`` (which may end within a component).

    What vanishes meanwhile is passed over. Raises OSError if a folder can't be read.
    """
    for entry in entries(folder):
        name = entry.name
        continued = name.endswith(CONTINUED)
        component = decode_name(name.removesuffix(CONTINUED))
        if component is None:
            continue
        key = prefix + component
        if entry.is_dir():
            if continued:
                yield from walk(entry.path, key, recursive=recursive)
            elif recursive:
                yield from walk(entry.path, f"{key}/", recursive=True)
            elif next(walk(entry.path, f"{key}/", recursive=True), None) is not None:
                yield ObjectInfo(f"{key}/", 0, 0)
        elif not continued:
            try:
                status = entry.stat()
            except FileNotFoundError:
                continue
            yield ObjectInfo(key, status.st_size, status.st_mtime)


def leftovers(folder: str, before: float, *, everything: bool = False) -> Iterator[str]:
    """Paths of temporary files that were last written to before that time (seconds since the epoch).

    Parameters
    ----------
    everything
        All files are: the folder is a temporary one.
    """
    for entry in entries(folder):
        is_temporary = everything or entry.name.startswith(TEMPORARY)
        if entry.is_dir(follow_symlinks=False):
            yield from leftovers(entry.path, before, everything=is_temporary)
        elif is_temporary:
            try:
                if entry.stat(follow_symlinks=False).st_mtime < before:
                    yield entry.path
            except FileNotFoundError:
                continue


def entries(folder: str) -> list[os.DirEntry[str]]:
    """What is in a folder, read at once: no descriptor stays open while a caller takes its time."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
