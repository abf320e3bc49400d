"""Manifests, and the parts that other documents share with them, as JSON.

References are short lists and fields with their default value are left out: a run of 10,000 tasks keeps 10,000
manifests, and each task reads at least one.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping
from typing import Any, get_args

from flowkit.errors import CorruptedBlobError, NewerFormatError
from flowkit.model.artifact import (
    MANIFEST_VERSION,
    ArtifactEntry,
    BlobRef,
    BufferRef,
    Codec,
    FailureSummary,
    ItemsRef,
    Manifest,
    Transition,
)
from flowkit.version import __version__

__all__ = [
    "blob_from_list",
    "blob_to_list",
    "failure_from_dict",
    "failure_to_dict",
    "items_from_dict",
    "items_to_dict",
    "manifest_from_json",
    "manifest_to_json",
    "transition_from_dict",
    "transition_to_dict",
]

_CODECS = frozenset(get_args(Codec))
#: Fields that are the same in the JSON object and in the manifest, and are left out when they have the default.
_OPTIONAL: Mapping[str, Any] = {"ok": True, "main_file": "", "code": "", "started_at": 0.0, "finished_at": 0.0}
_REQUIRED = ("flow", "run_id", "step", "task_id", "attempt")
_compact = json.JSONEncoder(separators=(",", ":")).encode


def manifest_to_json(manifest: Manifest) -> bytes:
    """One compact JSON object that :func:`manifest_from_json` turns into an equal manifest."""
    # The version comes first and the writer second, in every version of the format: they say who can read the rest.
    document: dict[str, Any] = {"version": manifest.version, "flowkit": __version__}
    for name in _REQUIRED:
        document[name] = getattr(manifest, name)
    for name, default in _OPTIONAL.items():
        if (value := getattr(manifest, name)) != default:
            document[name] = value
    if manifest.transition is not None:
        document["transition"] = transition_to_dict(manifest.transition)
    if manifest.failure is not None:
        document["failure"] = failure_to_dict(manifest.failure)
    document["artifacts"] = {name: _entry_to_dict(entry) for name, entry in manifest.artifacts.items()}
    return _compact(document).encode()


def manifest_from_json(content: bytes, key: str = "a manifest") -> Manifest:
    """The manifest that ``content`` holds.

    Parameters
    ----------
    key
        Where it was read from, for messages.

    Raises
    ------
    NewerFormatError
        If a newer FlowKit wrote it in a format that this one doesn't know.
    CorruptedBlobError
        If it is truncated, or no manifest at all.
    """
    try:
        document = json.loads(content)
        version = int(document["version"])
    except (ValueError, KeyError, TypeError) as error:
        raise _corrupted(key, error) from None
    if version > MANIFEST_VERSION:
        raise NewerFormatError(
            f"{key} was written by FlowKit {document.get('flowkit', '(unknown version)')} in format {version}; this is "
            f"FlowKit {__version__}, which reads formats up to {MANIFEST_VERSION}: install the version that wrote it"
        )
    try:
        transition, failure = document.get("transition"), document.get("failure")
        return Manifest(
            **{name: document[name] for name in _REQUIRED},
            **{name: document.get(name, default) for name, default in _OPTIONAL.items()},
            artifacts={name: _entry_from_dict(entry) for name, entry in document["artifacts"].items()},
            transition=None if transition is None else transition_from_dict(transition),
            failure=None if failure is None else failure_from_dict(failure),
            version=version,
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise _corrupted(key, error) from None


def _corrupted(key: str, error: Exception) -> CorruptedBlobError:
    step = key.split("/")[3] if key.count("/") > 3 else "STEP"
    return CorruptedBlobError(
        f"{key} is damaged, it is no whole manifest ({type(error).__name__}: {error}): put a copy back, or have its "
        f"step done again: resume {step}"
    )


# --- parts -------------------------------------------------------------------------------------------------------


def blob_to_list(ref: BlobRef) -> list[Any]:
    """``[hash, size]``, and for a compressed blob also codec and stored size."""
    if ref.codec == "raw" and ref.stored_size in (-1, ref.size):
        return [ref.hash, ref.size]
    return [ref.hash, ref.size, ref.codec, ref.stored_size]


def blob_from_list(row: list[Any]) -> BlobRef:
    """The inverse of :func:`blob_to_list`. Raises ValueError if it isn't one."""
    if len(row) == 2:
        return BlobRef(row[0], row[1], "raw", row[1])
    if row[2] not in _CODECS:
        raise ValueError(f"unknown codec {row[2]!r}")
    return BlobRef(row[0], row[1], row[2], row[3])


def _entry_to_dict(entry: ArtifactEntry) -> dict[str, Any]:
    row: dict[str, Any] = {"type": entry.type, "by": entry.serializer, "size": entry.size, "hash": entry.hash}
    if entry.inline is not None:
        row["inline"] = binascii.b2a_base64(entry.inline, newline=False).decode("ascii")
    if entry.payload is not None:
        row["payload"] = blob_to_list(entry.payload)
    if entry.buffers:
        # Buffers that share a blob follow each other: it is written once, with their ranges.
        groups: list[list[Any]] = []
        last: BlobRef | None = None
        for buffer in entry.buffers:
            if last is None or buffer.blob != last:
                last = buffer.blob
                groups.append([blob_to_list(last)])
            groups[-1].append([buffer.offset, buffer.length])
        row["buffers"] = groups
    if entry.info:
        row["info"] = dict(entry.info)
    return row


def _entry_from_dict(row: dict[str, Any]) -> ArtifactEntry:
    inline, payload = row.get("inline"), row.get("payload")
    buffers: list[BufferRef] = []
    for group in row.get("buffers", ()):
        blob = blob_from_list(group[0])
        buffers.extend(BufferRef(blob, offset, length) for offset, length in group[1:])
    return ArtifactEntry(
        row["type"],
        row["by"],
        row["size"],
        row["hash"],
        None if inline is None else binascii.a2b_base64(inline, strict_mode=True),
        None if payload is None else blob_from_list(payload),
        tuple(buffers),
        row.get("info", {}),
    )


def items_to_dict(ref: ItemsRef) -> dict[str, Any]:
    """Plain JSON values for the items of a foreach."""
    return {"blob": blob_to_list(ref.blob), "count": ref.count}


def items_from_dict(row: Mapping[str, Any]) -> ItemsRef:
    """The inverse of :func:`items_to_dict`."""
    return ItemsRef(blob_from_list(row["blob"]), row["count"])


def transition_to_dict(transition: Transition) -> dict[str, Any]:
    """Plain JSON values for where a task went."""
    row: dict[str, Any] = {"steps": list(transition.steps)}
    for name in ("foreach", "num_splits", "condition"):
        if (value := getattr(transition, name)) is not None:
            row[name] = value
    if transition.items is not None:
        row["items"] = items_to_dict(transition.items)
    if transition.parallel:
        row["parallel"] = True
    return row


def transition_from_dict(row: Mapping[str, Any]) -> Transition:
    """The inverse of :func:`transition_to_dict`."""
    items = row.get("items")
    return Transition(
        steps=tuple(row["steps"]),
        foreach=row.get("foreach"),
        num_splits=row.get("num_splits"),
        items=None if items is None else items_from_dict(items),
        parallel=row.get("parallel", False),
        condition=row.get("condition"),
    )


def failure_to_dict(failure: FailureSummary) -> dict[str, Any]:
    """Plain JSON values for an exception in words."""
    return {"type": failure.type, "message": failure.message, "traceback": failure.traceback}


def failure_from_dict(row: Mapping[str, Any]) -> FailureSummary:
    """The inverse of :func:`failure_to_dict`."""
    return FailureSummary(row["type"], row["message"], row.get("traceback", ""))
