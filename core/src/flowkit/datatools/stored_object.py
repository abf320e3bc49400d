"""What data tools return: an object of a store, perhaps with a local copy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flowkit.datatools.keys import RangeInfo
from flowkit.datatools.service import ObjectFacts

__all__ = ["StoredObject"]


class StoredObject:
    """An object of a store, or a prefix that a listing found. Data tools make these.

    A copy of its content, if it was fetched, is a local file that is removed when the tool is closed.
    """

    def __init__(
        self,
        url: str,
        prefix: str | None = None,
        *,
        size: int | None = None,
        path: Path | str | None = None,
        facts: ObjectFacts | None = None,
        range_info: RangeInfo | None = None,
    ) -> None:
        self._url = url
        has_prefix = prefix is not None and prefix != url
        self._prefix = prefix if has_prefix else None
        self._key = url[len((prefix or "").rstrip("/")) + 1 :].rstrip("/") if has_prefix else url
        self._size = size
        self._path = None if path is None else str(path)
        self._facts = facts
        self._range_info = range_info

    @property
    def exists(self) -> bool:
        """Whether there is such an object; a prefix isn't one."""
        return self._size is not None

    @property
    def downloaded(self) -> bool:
        """Whether the content was fetched, so that ``path``, ``blob`` and ``text`` have it."""
        return self._path is not None

    @property
    def url(self) -> str:
        """The whole address."""
        return self._url

    @property
    def prefix(self) -> str | None:
        """The address below which it was looked for; None if that is its own or there is none."""
        return self._prefix

    @property
    def key(self) -> str:
        """What comes after ``prefix`` in the address; without a prefix, the address."""
        return self._key

    @property
    def path(self) -> str | None:
        """The local file, removed when the tool is closed; None if the content wasn't fetched."""
        return self._path

    @property
    def blob(self) -> bytes | None:
        """The content; None if it wasn't fetched."""
        return None if self._path is None else Path(self._path).read_bytes()

    @property
    def text(self) -> str | None:
        """The content as text, taken as UTF-8; what isn't becomes U+FFFD. None if it wasn't fetched."""
        content = self.blob
        return None if content is None else content.decode("utf-8", errors="replace")

    @property
    def size(self) -> int | None:
        """Bytes of the object, or of the range that was fetched; None if it doesn't exist."""
        return self._size

    @property
    def has_info(self) -> bool:
        """Whether ``content_type``, ``metadata``, ``encryption``, ``range_info`` and ``last_modified`` are known."""
        return self._facts is not None

    @property
    def content_type(self) -> str | None:
        """Its MIME type."""
        return None if self._facts is None else self._facts.content_type

    @property
    def metadata(self) -> dict[str, Any] | None:
        """What was stored with it by ``put``, or its headers for users from another program; None if nothing."""
        return None if self._facts is None else self._facts.user_metadata()

    @property
    def encryption(self) -> str | None:
        """How the service encrypts it, where it says so."""
        return None if self._facts is None else self._facts.encryption

    @property
    def range_info(self) -> RangeInfo | None:
        """Which part of it was fetched, and the size of the whole."""
        return self._range_info

    @property
    def last_modified(self) -> int | None:
        """When it was written: seconds since the epoch."""
        moment = None if self._facts is None else self._facts.modified_at
        return None if moment is None else int(moment)

    def __str__(self) -> str:
        if self.downloaded:
            state = f"{self._size} bytes, local"
        elif self.exists:
            state = f"{self._size} bytes, in the store"
        else:
            state = "object does not exist"
        return f"<{type(self).__name__} {self._url} ({state})>"

    __repr__ = __str__
