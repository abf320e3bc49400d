"""What one attempt of a task stored: references to blobs, never the bytes of large values.

A manifest is one JSON object in the datastore, at :meth:`flowkit.artifacts.layout.manifest_key`; it is written last
and atomically, so that its presence means that all it names is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import attrs

__all__ = ["ArtifactEntry", "BlobRef", "BufferRef", "Codec", "FailureSummary", "ItemsRef", "Manifest", "Transition"]

Codec = Literal["raw", "zstd"]
MANIFEST_VERSION = 1


@attrs.frozen
class BlobRef:
    """Content in the store, by its hash."""

    #: BLAKE3 of the content, uncompressed; 64 hexadecimal digits.
    hash: str
    #: Bytes, uncompressed.
    size: int
    codec: Codec = "raw"
    #: Bytes as stored.
    stored_size: int = -1


@attrs.frozen
class BufferRef:
    """One out-of-band buffer of a pickle: a range of a blob."""

    blob: BlobRef
    offset: int
    length: int


@attrs.frozen
class ArtifactEntry:
    """One artifact in a manifest."""

    #: Dotted type of the value, as ``builtins.int`` or ``pandas.core.frame.DataFrame``.
    type: str
    #: Name of the serializer that wrote it.
    serializer: str
    #: Bytes in all, uncompressed.
    size: int
    #: BLAKE3 over the payload and the buffers' hashes: equal content, equal hash.
    hash: str
    #: The serialized value itself, when it is small.
    inline: bytes | None = None
    payload: BlobRef | None = None
    buffers: tuple[BufferRef, ...] = ()
    #: Facts of the serializer's own that loading needs.
    info: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class ItemsRef:
    """The items of a foreach: one blob, each item pickled by itself, with an index of their places at its end."""

    blob: BlobRef
    count: int


@attrs.frozen
class Transition:
    """Where a task went: the arguments of its ``self.next``."""

    steps: tuple[str, ...] = ()
    #: Name of the artifact that a foreach iterates over.
    foreach: str | None = None
    #: How many tasks the split starts; None where there is no foreach.
    num_splits: int | None = None
    items: ItemsRef | None = None
    #: ``num_parallel`` rather than ``foreach``.
    parallel: bool = False
    condition: str | None = None


@attrs.frozen
class FailureSummary:
    """An exception, in words; the user's own frames only."""

    #: Dotted type.
    type: str
    message: str
    traceback: str = ""


@attrs.frozen
class Manifest:
    """One attempt of one task."""

    flow: str
    run_id: str
    step: str
    task_id: str
    attempt: int
    artifacts: Mapping[str, ArtifactEntry]
    #: False for an attempt that failed: its artifacts are there, and shown to nobody but those who ask for them.
    ok: bool = True
    transition: Transition | None = None
    failure: FailureSummary | None = None
    #: The flow's file: where types of ``__main__`` come from.
    main_file: str = ""
    #: Hash of the code package of the run, where there is one.
    code: str = ""
    #: Seconds since the epoch.
    started_at: float = 0.0
    finished_at: float = 0.0
    version: int = MANIFEST_VERSION
