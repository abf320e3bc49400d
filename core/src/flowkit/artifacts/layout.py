"""Where things are in a datastore: the only module that makes keys.

::

    <Flow>/runs/<run>/<step>/<task>/<attempt>.json    the attempt's manifest
    <Flow>/runs/<run>/<step>/<task>/<attempt>.log     its output
    <Flow>/runs/<run>/<step>/<task>/<attempt>.frames  local variables of the frames of its failure
    <Flow>/blobs/<2 hex>/<hash>[.zst]                 content, by its BLAKE3; ``.zst`` if it is compressed
    <Flow>/code/<hash>.tar.gz                         code of runs, by the archive's SHA-256
    <Flow>/code/<hash>.keep                           says that more than runs need that code: a deployment
"""

from __future__ import annotations

from flowkit.ids import check_component
from flowkit.model.artifact import BlobRef

__all__ = [
    "attempt_prefix",
    "blob_key",
    "blobs_prefix",
    "code_keep_key",
    "code_key",
    "code_prefix",
    "frames_key",
    "log_key",
    "manifest_key",
    "run_prefix",
    "runs_prefix",
]

_SUFFIXES = {"raw": "", "zstd": ".zst"}


def runs_prefix(flow: str) -> str:
    """Below it: everything of a flow's runs."""
    return f"{check_component(flow, 'flow')}/runs"


def run_prefix(flow: str, run_id: str) -> str:
    """Below it: manifests and logs of one run."""
    return f"{runs_prefix(flow)}/{check_component(run_id, 'run id')}"


def attempt_prefix(flow: str, run_id: str, step: str, task_id: str, attempt: int) -> str:
    """What the keys of one attempt begin with; a suffix says what the object is."""
    task = f"{check_component(step, 'step')}/{check_component(task_id, 'task id')}"
    return f"{run_prefix(flow, run_id)}/{task}/{attempt:d}"


def manifest_key(flow: str, run_id: str, step: str, task_id: str, attempt: int) -> str:
    """Where the manifest of an attempt is. Raises InvalidPathspec if a part can't be part of a key."""
    return f"{attempt_prefix(flow, run_id, step, task_id, attempt)}.json"


def log_key(flow: str, run_id: str, step: str, task_id: str, attempt: int) -> str:
    """Where the output of an attempt is. Raises InvalidPathspec if a part can't be part of a key."""
    return f"{attempt_prefix(flow, run_id, step, task_id, attempt)}.log"


def frames_key(flow: str, run_id: str, step: str, task_id: str, attempt: int) -> str:
    """Where the local variables of a failed attempt's frames are. Raises InvalidPathspec, as :func:`log_key`."""
    return f"{attempt_prefix(flow, run_id, step, task_id, attempt)}.frames"


def blobs_prefix(flow: str) -> str:
    """Below it: all blobs of a flow."""
    return f"{check_component(flow, 'flow')}/blobs"


def blob_key(flow: str, ref: BlobRef) -> str:
    """Where a blob is."""
    return f"{blobs_prefix(flow)}/{ref.hash[:2]}/{ref.hash}{_SUFFIXES[ref.codec]}"


def code_prefix(flow: str) -> str:
    """Below it: the code of a flow's runs."""
    return f"{check_component(flow, 'flow')}/code"


def code_key(flow: str, sha256: str) -> str:
    """Where the archive of that SHA-256 is. Raises InvalidPathspec if it can't be part of a key."""
    return f"{code_prefix(flow)}/{check_component(sha256, 'hash')}.tar.gz"


def code_keep_key(flow: str, sha256: str) -> str:
    """Where an object without content says that garbage collection must leave the archive of that SHA-256."""
    return f"{code_prefix(flow)}/{check_component(sha256, 'hash')}.keep"
