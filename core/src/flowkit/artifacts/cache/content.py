"""Which objects of a store are named by their content, and whether bytes are that content."""

from __future__ import annotations

import re

import attrs

from flowkit.artifacts import compression
from flowkit.artifacts.hashing import digest
from flowkit.errors import CorruptedBlobError

__all__ = ["NamedContent"]

_BLOB = re.compile(r"[^/]+/blobs/(?P<folder>[0-9a-f]{2})/(?P<hash>(?P=folder)[0-9a-f]{62})(?P<suffix>|\.zst)")
_CODE = re.compile(r"[^/]+/code/(?P<hash>[0-9a-f]{64})\.tar\.gz")


@attrs.frozen
class NamedContent:
    """Content that is known by its hash: a blob, compressed or not, or the code of a run."""

    #: Of a file that holds it; equal for equal content, whatever flow it belongs to.
    name: str
    hash: str
    #: ``blake3`` of the bytes as they are, of what they are compressed from, or ``sha256`` of the bytes.
    by: str

    @classmethod
    def of_key(cls, key: str) -> NamedContent | None:
        """What the key of an object says of its content; None if that could change."""
        if (blob := _BLOB.fullmatch(key)) is not None:
            by = "compressed" if blob["suffix"] else "blake3"
            return cls(f"{blob['hash']}{blob['suffix']}", blob["hash"], by)
        if (code := _CODE.fullmatch(key)) is not None:
            return cls(f"{code['hash']}.tar.gz", code["hash"], "sha256")
        return None

    def is_in(self, view: memoryview) -> bool:
        """Whether the bytes are this content."""
        if self.by == "blake3":
            return digest([view]) == self.hash
        if self.by == "sha256":
            from hashlib import sha256

            return sha256(view).hexdigest() == self.hash
        try:
            return compression.digest_of_content(view, self.name) == self.hash
        except CorruptedBlobError:
            return False
