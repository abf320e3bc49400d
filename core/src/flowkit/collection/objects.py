"""What a flow has in a datastore."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from flowkit.artifacts.layout import blobs_prefix, code_prefix, runs_prefix
from flowkit.interfaces.datastore import Datastore, ObjectInfo

__all__ = ["FlowObjects", "is_code", "is_manifest", "list_content", "list_pinned", "list_runs", "task_folder"]

_CONTENT = re.compile(r"/(blobs/[0-9a-f]{2}/[0-9a-f]{64}(\.zst)?|code/[0-9a-f]{64}\.tar\.gz)\Z")


@attrs.frozen
class FlowObjects:
    """Objects as they were listed: content first, then what names it."""

    #: Blobs and archives of code, by key.
    content: Mapping[str, ObjectInfo]
    #: Keys of archives of code that more than runs need.
    pinned: frozenset[str]
    #: Objects below each run's prefix, by run id.
    runs: Mapping[str, list[ObjectInfo]]

    @classmethod
    def of(cls, datastore: Datastore, flow: str) -> FlowObjects:
        """List them. The order matters: whoever stores content, names it afterwards."""
        content = list_content(datastore, flow)
        return cls(content, list_pinned(datastore, flow), list_runs(datastore, flow))


def list_content(datastore: Datastore, flow: str) -> dict[str, ObjectInfo]:
    """Blobs and archives of code, by key. What has another form of name isn't FlowKit's, and is passed over."""
    prefixes = (blobs_prefix(flow), code_prefix(flow))
    listed = (info for prefix in prefixes for info in datastore.list(prefix))
    return {info.key: info for info in listed if _CONTENT.search(info.key)}


def list_pinned(datastore: Datastore, flow: str) -> frozenset[str]:
    """Keys of archives of code that more than runs need: deployments."""
    listed = (info.key for info in datastore.list(code_prefix(flow)))
    return frozenset(f"{key.removesuffix('.keep')}.tar.gz" for key in listed if key.endswith(".keep"))


def list_runs(datastore: Datastore, flow: str) -> dict[str, list[ObjectInfo]]:
    """All that is below the prefix of each run: manifests, logs, and what plugins put there."""
    runs: dict[str, list[ObjectInfo]] = {}
    start = len(runs_prefix(flow)) + 1
    for info in datastore.list(runs_prefix(flow)):
        runs.setdefault(info.key[start:].partition("/")[0], []).append(info)
    return runs


def is_code(key: str) -> bool:
    """Whether a key of content is that of an archive of code."""
    return key.endswith(".tar.gz")


def is_manifest(key: str) -> bool:
    """Whether a key is of the form ``<Flow>/runs/<run>/<step>/<task>/<attempt>.json``."""
    parts = key.split("/")
    return len(parts) == 6 and parts[5].endswith(".json") and parts[5][:-5].isdecimal()


def task_folder(key: str) -> str:
    """What the keys of all objects of the same task begin with: ``<Flow>/runs/<run>/<step>/<task>/``."""
    return "/".join([*key.split("/")[:5], ""])
