"""The local file system, used as the tools of object stores are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar, Self

from flowkit.datatools.error_family import ErrorFamily
from flowkit.datatools.file_content import content_of
from flowkit.datatools.keys import key_of
from flowkit.datatools.stored_object import StoredObject
from flowkit.errors import ObjectNotFound, ObjectURLError
from flowkit.settings import Settings

__all__ = ["Local", "LocalNotFound", "LocalObject", "LocalURLException", "read_in_chunks"]

_SCHEME = "local://"


class LocalURLException(ObjectURLError):
    """Not the path of a file."""

    headline = "Invalid path"


class LocalNotFound(ObjectNotFound):
    """There is no such file."""

    headline = "Local object not found"


_ERRORS = ErrorFamily(not_found=LocalNotFound, url=LocalURLException)


class LocalObject(StoredObject):
    """A file, or the path of one that isn't there."""


class Local:
    """Files of this machine by path, or by ``local://`` and a path. They are read where they lie."""

    TYPE: ClassVar[str] = "local"

    @classmethod
    def get_root_from_config(cls, echo: Any = None, create_on_absent: bool = True) -> str:  # noqa: ARG003
        """The folder for files of data tools: DATATOOLS_LOCALROOT, else one in the local root.

        Parameters
        ----------
        echo
            Has no effect.
        create_on_absent
            Make it if it isn't there.
        """
        settings = Settings.load()
        suffix = settings.get("DATATOOLS_SUFFIX") or ""
        root = settings.get("DATATOOLS_LOCALROOT") or os.path.join(settings.local_root(), suffix)
        if create_on_absent:
            os.makedirs(root, exist_ok=True)
        return root

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is to be removed: files are where they were."""

    def get(self, key: str | None = None, return_missing: bool = False) -> LocalObject:
        """The file, whose ``path`` is its own. Raises LocalNotFound, unless ``return_missing`` is set."""
        path = self._path(key)
        if path.is_file():
            return LocalObject(f"{_SCHEME}{path}", size=path.stat().st_size, path=path)
        if return_missing:
            return LocalObject(f"{_SCHEME}{path}")
        raise LocalNotFound(f"there is no file {path}")

    info = get

    def put(self, key: str, obj: Any, overwrite: bool = True) -> str:
        """Write a file of text, bytes or another file's content, and the folders that it needs; its URL.

        Raises ObjectValueError for anything else, OSError if it can't be written.
        """
        path = self._path(key)
        content = content_of(obj, str(key), _ERRORS)
        if overwrite or not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                content.seek(0)
                read_in_chunks(file, content, content.size, 1024 * 1024)
        return f"{_SCHEME}{path}"

    def _path(self, key: Any) -> Path:
        text = key_of(key)
        if not text or text == _SCHEME:
            raise LocalURLException(f"{key!r} is not the path of a file")
        return Path(text.removeprefix(_SCHEME))


def read_in_chunks(dst: Any, src: Any, src_sz: int, max_chunk_size: int) -> None:
    """Copy ``src_sz`` bytes from one binary file to another, ``max_chunk_size`` of them at a time."""
    while src_sz > 0 and (piece := src.read(min(src_sz, max_chunk_size))):
        dst.write(piece)
        src_sz -= len(piece)
