"""The folder that fetched files are in."""

from __future__ import annotations

import atexit
import fcntl
import itertools
import os
import re
import threading
from contextlib import suppress
from pathlib import Path

__all__ = ["TemporaryFiles"]

#: What of a name's end may be in a local file's name.
_TAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}\Z")
#: A file in the folder that its process holds a lock on, as long as it lives.
_LOCK = ".lock"


class TemporaryFiles:
    """A folder of one tool in one process, made when it is needed.

    It is removed when the tool is closed, or the interpreter ends; what a process that was killed has left is removed
    when the next folder is made beside it.

    Parameters
    ----------
    root
        The folder in which it is made; the system's for temporary files if there is none.
    kind
        In the folder's name.
    """

    def __init__(self, root: str | os.PathLike[str] | None, kind: str) -> None:
        self._root = root
        self._prefix = f"flowkit-{kind}-"
        self._folder: Path | None = None
        self._lock_file = -1
        self._made_in = 0
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def new_file(self, name: str) -> Path:
        """The path of a file that isn't there yet, for an object of that name.

        Only the name's end is taken over, as far as it is letters and digits: what reads the file may go by its
        suffix, and nothing in a name can lead out of the folder. Raises OSError if the folder can't be made.
        """
        folder = self._made()
        with self._lock:
            number = next(self._numbers)
        tail = _TAIL.search(name)
        return folder / f"{number:06}{f'-{tail[0]}' if tail else ''}"

    def remove(self) -> None:
        """Remove the folder, if this process made one."""
        with self._lock:
            folder, self._folder = self._folder, None
        if folder is not None and self._made_in == os.getpid():
            import shutil

            atexit.unregister(self.remove)
            shutil.rmtree(folder, ignore_errors=True)
            os.close(self._lock_file)

    def _made(self) -> Path:
        import tempfile

        with self._lock:
            if self._folder is None or self._made_in != os.getpid():
                root = Path(self._root or tempfile.gettempdir())
                _remove_orphans(root, self._prefix)
                self._folder = Path(tempfile.mkdtemp(prefix=self._prefix, dir=root)).absolute()
                self._lock_file = _lock(self._folder)
                self._made_in = os.getpid()
                atexit.register(self.remove)
            return self._folder


def _lock(folder: Path) -> int:
    """Lock the folder's file; it gets its name when it is locked, so that nobody finds it free before."""
    unnamed = folder / f"{_LOCK}.new"
    descriptor = os.open(unnamed, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    with suppress(OSError):  # a file system without locks: its folders are left to whoever cleans the machine
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        unnamed.rename(folder / _LOCK)
    return descriptor


def _remove_orphans(root: Path, prefix: str) -> None:
    """Remove folders whose processes have ended without doing so."""
    with suppress(OSError), os.scandir(root) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    _remove_if_free(Path(entry.path))


def _remove_if_free(folder: Path) -> None:
    import shutil

    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)
