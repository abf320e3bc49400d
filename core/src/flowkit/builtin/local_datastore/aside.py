"""Files that garbage collection has set aside: renamed, in the folder that they were in.

Renaming is one step, and a file's time can only be renewed under the name that it has: what its time is after it was
renamed, it stays. So nothing has to wait here. Each file gets a name that no other has had: what one collector drops,
or renames, is what it has seen, and not what another has just set aside.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import suppress

from flowkit.builtin.local_datastore.paths import ASIDE, ASIDE_END, decode_name
from flowkit.builtin.local_datastore.walk import entries
from flowkit.interfaces.datastore import ObjectAside

__all__ = ["bring_back", "files_aside", "move_aside"]

#: What file systems say that have no hard links.
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


def move_aside(path: str, modified_at: float) -> bool:
    """Rename a file, and back if its time isn't that. Raises OSError."""
    folder, name = os.path.split(path)
    aside = f"{folder}/{ASIDE}{name}{ASIDE_END}{os.urandom(8).hex()}"
    try:
        os.rename(path, aside)
        status = os.stat(aside)
    except FileNotFoundError:
        return False  # another collector was quicker, or a reader has brought it back
    if status.st_mtime == modified_at:
        return True
    _give_name(aside, path)
    return False


def bring_back(path: str) -> bool:
    """Give a file its name again, unless a new one has it by now; False if there was none aside. Raises OSError."""
    folder, name = os.path.split(path)
    waiting = [entry for entry in entries(folder) if _name_of(entry) == name]
    # If there is none, another process may just have brought it back.
    return any(_give_name(entry.path, path) for entry in waiting) or os.path.exists(path)


def _name_of(entry: os.DirEntry[str]) -> str | None:
    """The name that a file had which is aside; None for others."""
    return entry.name.removeprefix(ASIDE).partition(ASIDE_END)[0] if entry.name.startswith(ASIDE) else None


def _give_name(aside: str, path: str) -> bool:
    try:
        os.link(aside, path)
    except FileExistsError:
        pass  # a writer didn't find it, and wrote the same content anew
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # What a writer may have put there meanwhile is the same content.
        os.rename(aside, path)
    with suppress(FileNotFoundError):
        os.unlink(aside)
    return True


def files_aside(folder: str, prefix: str) -> Iterator[ObjectAside]:
    """What waits below ``folder``, whose keys begin with ``prefix``. Names of at most one piece are set aside."""
    for entry in entries(folder):
        if entry.is_dir(follow_symlinks=False):
            if (component := decode_name(entry.name)) is not None:
                yield from files_aside(entry.path, f"{prefix}{component}/")
        elif (name := _name_of(entry)) is not None:
            component = decode_name(name)
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if component is not None:
                yield ObjectAside(prefix + component, status.st_size, status.st_mtime, entry.path)
