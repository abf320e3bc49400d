"""Unpacks archives where there is no FlowKit yet, and then starts a command: a program of the standard library alone.

A backend sends this file's text (:func:`unpack_script`) and runs it with any Python from 3.11.4 up::

    python unpack.py ARCHIVE SHA256 FOLDER [ARCHIVE SHA256 FOLDER …] -- COMMAND …

Each archive is checked against its hash first. The folders are put on the path of Python, in their order, for the
command, which takes this program's place.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tarfile

__all__ = ["main", "unpack_checked", "unpack_script"]

_BLOCK = 1 << 20


def unpack_script() -> str:
    """The text of this file."""
    with open(__file__, encoding="utf-8") as file:
        return file.read()


def unpack_checked(archive: str, sha256: str, folder: str) -> None:
    """Unpack a ``.tar.gz`` whose hash is known. Raises SystemExit, with a line that says why, if it can't be."""
    if not hasattr(tarfile, "data_filter"):
        raise SystemExit("unpacking needs Python 3.11.4 or newer")
    digest = hashlib.sha256()
    try:
        with open(archive, "rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        if digest.hexdigest() != sha256:
            raise SystemExit(f"{archive} isn't what was stored: its SHA-256 is {digest.hexdigest()}, not {sha256}")
        with tarfile.open(archive, "r:gz") as opened:
            opened.extractall(folder, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise SystemExit(f"{archive} can't be unpacked to {folder}: {error}") from None


def main(arguments: list[str]) -> None:
    """Unpack what the arguments name, and become the command. Raises SystemExit."""
    if "--" not in arguments or arguments.index("--") % 3 or arguments[-1] == "--":
        raise SystemExit("usage: unpack.py ARCHIVE SHA256 FOLDER … -- COMMAND …")
    separator = arguments.index("--")
    folders: list[str] = []
    for start in range(0, separator, 3):
        archive, sha256, folder = arguments[start : start + 3]
        unpack_checked(archive, sha256, folder)
        folders.append(os.path.abspath(folder))
    known = [one for one in os.environ.get("PYTHONPATH", "").split(os.pathsep) if one]
    command = arguments[separator + 1 :]
    try:
        os.execvpe(command[0], command, {**os.environ, "PYTHONPATH": os.pathsep.join([*folders, *known])})  # noqa: S606
    except OSError as error:
        raise SystemExit(f"{command[0]} can't be started: {error.strerror}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
