"""Where a remote store is, and how keys become names of objects there."""

from __future__ import annotations

import re
import unicodedata
from typing import Self

import attrs

from flowkit.errors import DatastoreError

__all__ = ["Location"]

#: Bytes. The services that FlowKit knows take names of up to 1,024.
_LONGEST_NAME = 1024
_is_plain = re.compile(r"[A-Za-z0-9_\-+=@,](?:[A-Za-z0-9_\-+=@,.]*[A-Za-z0-9_\-+=@,])?").fullmatch
_ESCAPED = re.compile(r"(?:%[0-9A-F]{2})+")


@attrs.frozen
class Location:
    """``scheme://bucket/prefix``: the part of a bucket that a store has for itself.

    A component of a key is a part of the object's name as it is, but for ``%``, a dot at its end, and what XML can't
    carry (control characters, surrogates): these are written as ``%XX`` for each of their UTF-8 bytes.
    """

    scheme: str
    bucket: str
    #: Empty, or ends with a slash.
    prefix: str

    @classmethod
    def parse(cls, root: str, scheme: str) -> Self:
        """Take a root apart; its scheme may be missing.

        Raises
        ------
        DatastoreError
            If it isn't of the form ``scheme://bucket[/prefix]``.
        """
        # A slash before it is a path of this machine, or leaves the bucket out.
        bucket, _, prefix = root.removeprefix(f"{scheme}://").rstrip("/").partition("/")
        parts = prefix.split("/") if prefix else []
        if not bucket or ":" in bucket or any(part in ("", ".", "..") for part in parts):
            raise DatastoreError(f"{root!r} can't be the root of a {scheme} store: give {scheme}://BUCKET/PREFIX")
        return cls(scheme, bucket, f"{prefix}/" if prefix else "")

    def __str__(self) -> str:
        return f"{self.scheme}://{self.bucket}/{self.prefix}".rstrip("/")

    def name(self, key: str) -> str:
        """The name of a key's object.

        Raises
        ------
        DatastoreError
            If the key is empty or absolute, could lead out of the prefix, or is too long.
        """
        name = self.prefix + "/".join(_encode(component, key) for component in key.split("/"))
        if len(name) > _LONGEST_NAME // 4 and len(name.encode()) > _LONGEST_NAME:
            raise DatastoreError(
                f"the key {key[:80]!r}… is too long for {self}: names there have up to {_LONGEST_NAME} bytes"
            )
        return name

    def key(self, name: str) -> str | None:
        """The key of an object's name; None if no key has it: another program's object."""
        if not name.startswith(self.prefix):
            return None
        name = name[len(self.prefix) :]
        try:
            key = _ESCAPED.sub(_unescape, name) if "%" in name else name
            return key if "/".join(_encode(component, key) for component in key.split("/")) == name else None
        except (UnicodeDecodeError, DatastoreError):
            return None


def _encode(component: str, key: str) -> str:
    if _is_plain(component):
        return component
    if component in ("", ".", "..") or "\\" in component or "\0" in component:
        raise DatastoreError(f"{key!r} can't be an object's key: its part {component!r} could lead out of the root")
    text = "".join(_escape(character) if _is_special(character) else character for character in component)
    return f"{text[:-1]}%2E" if text.endswith(".") else text


def _is_special(character: str) -> bool:
    return character in "%\ufffe\uffff" or unicodedata.category(character) in ("Cc", "Cs")


def _escape(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))


def _unescape(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode("utf-8", "surrogatepass")
