"""Manifests and logs of the tasks of one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from flowkit.client.run_context import ReadAhead, RunContext
from flowkit.model.artifact import Manifest
from flowkit.model.record import TaskRecord

__all__ = ["Prefetched", "prefetched"]

#: Objects fetched at once from a store that isn't on this machine, where each alone costs a round trip.
_REMOTE_WIDTH = 32


@attrs.frozen
class Prefetched:
    """What tasks read from the store, by key."""

    manifests: ReadAhead[Manifest]
    logs: ReadAhead[bytes]


def prefetched(run: RunContext, tasks: Sequence[TaskRecord]) -> Prefetched:
    """For tasks that will probably be read in this order. Reads nothing yet."""
    from flowkit.artifacts.layout import log_key

    manifests = [task.manifest for task in tasks if task.manifest is not None]
    width = _REMOTE_WIDTH if manifests and run.datastore.local_path(manifests[0]) is None else 1

    def fetch_manifests(keys: Sequence[str]) -> Mapping[str, Manifest]:
        if len(keys) > 1:
            found = zip(keys, run.store.find_manifests(keys), strict=True)
            return {key: manifest for key, manifest in found if manifest is not None}
        manifest = run.manifest(keys[0])
        return {} if manifest is None else {keys[0]: manifest}

    def fetch_logs(keys: Sequence[str]) -> Mapping[str, bytes]:
        return {key: content for key, content in run.datastore.get_many(keys) if content is not None}

    logs: list[str] = []
    if width > 1:
        # The logs of copies are where the originals are, which only their manifests tell.
        own = (task for task in tasks if task.origin_pathspec is None)
        logs = [log_key(task.flow, task.run_id, task.step, task.task_id, task.attempt) for task in own]
    return Prefetched(ReadAhead(manifests, fetch_manifests, width), ReadAhead(logs, fetch_logs, width))
