"""Stores with a clock of the test's own, and runs that are made step by step, for tests of garbage collection."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import attrs

from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.engine.resume import check_not_collected
from flowkit.errors import DatastoreError, ResumeError
from flowkit.interfaces.datastore import Buffer, Datastore, ObjectInfo
from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.model.artifact import Manifest
from flowkit.model.record import RunRecord, RunStatus, TaskRecord

__all__ = [
    "FLOW",
    "GRACE",
    "Clock",
    "ClockedStore",
    "CopyingStore",
    "Writer",
    "files_below",
    "resume_steps",
    "run_steps",
    "unreadable",
]

FLOW = "GcFlow"
#: Seconds.
GRACE = 1000.0


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class ClockedStore(LocalDatastore):
    """The local datastore, whose files get their times from a clock."""

    def __init__(self, root: str, clock: Clock) -> None:
        super().__init__(root, fsync=False)
        self.clock = clock

    def put(self, key: str, parts: Sequence[Buffer], *, overwrite: bool = False) -> bool:
        written = super().put(key, parts, overwrite=overwrite)
        self._stamp(key)
        return written

    def renew(self, key: str) -> bool:
        return super().renew(key) and self._stamp(key)

    def _stamp(self, key: str) -> bool:
        try:
            os.utime(self._path(key), (self.clock(), self.clock()))
        except FileNotFoundError:
            return False
        return True


class CopyingStore(ClockedStore):
    """The same, with what a store that can't rename does, and renewals that are left out while an object is young.

    ``between`` is called where a collector has made its copy, and hasn't deleted the object yet.
    """

    renew_interval = GRACE / 2

    def __init__(self, root: str, clock: Clock) -> None:
        super().__init__(root, clock)
        self.between: Callable[[], None] = lambda: None

    def put(self, key: str, parts: Sequence[Buffer], *, overwrite: bool = False) -> bool:
        found = None if overwrite else self.info(key)
        if found is not None and found.size == sum(memoryview(part).nbytes for part in parts) and self.renew(key):
            return False
        return super().put(key, parts, overwrite=True)

    def renew(self, key: str) -> bool:
        found = self.info(key)
        if found is None:
            return False
        return self.clock() - found.modified_at < self.renew_interval or super().renew(key)

    def copy(self, key: str, target: str) -> bool:
        done = Datastore.copy(self, key, target)
        if target.startswith(".aside/"):
            self.between()
        return done

    def set_aside(self, objects: Iterable[ObjectInfo]) -> Iterator[ObjectInfo]:
        return Datastore.set_aside(self, objects)

    def list_aside(self, prefix: str = "") -> Iterator[ObjectInfo]:
        return Datastore.list_aside(self, prefix)

    def restore(self, key: str) -> bool:
        return Datastore.restore(self, key)

    def drop_aside(self, keys: Iterable[str]) -> None:
        Datastore.drop_aside(self, keys)


@attrs.define
class Writer:
    """A run on its way."""

    run: RunRecord
    steps: Iterator[str]
    #: When it stored content that no manifest names yet.
    unnamed_since: float | None = None
    #: What its tasks must be able to read: bytes by manifest key.
    expected: dict[str, bytes] = attrs.field(factory=dict)
    is_over: bool = False


def _record(run_id: str, clock: Clock, root: str, origin: str | None = None) -> RunRecord:
    now = clock()
    user = ("user:tester",)
    return RunRecord(
        FLOW, run_id, "tester", now, heartbeat_at=now, system_tags=user, datastore_root=root, origin_run_id=origin
    )


def run_steps(
    metadata: MetadataProvider, store: ArtifactStore, clock: Clock, run_id: str, contents: Sequence[bytes]
) -> Writer:
    """A run of one task for each content."""
    writer = Writer(_record(run_id, clock, store.datastore.root), iter(()))

    def steps() -> Iterator[str]:
        metadata.create_run(writer.run)
        yield "created"
        for number, content in enumerate(contents):
            yield from _task(writer, metadata, store, clock, str(number), content)
        yield from _end(writer, metadata, clock)

    writer.steps = steps()
    return writer


def resume_steps(
    metadata: MetadataProvider, store: ArtifactStore, clock: Clock, run_id: str, origin: RunRecord, content: bytes
) -> Writer:
    """A run that takes over all tasks of another, and has one of its own, which keeps what the first of them made."""
    writer = Writer(_record(run_id, clock, store.datastore.root, origin.run_id), iter(()))

    def steps() -> Iterator[str]:
        taken = [task for task in metadata.all_tasks(FLOW, origin.run_id) if task.status == "succeeded"]
        yield "read"
        metadata.create_run(writer.run)
        yield "created"
        try:
            check_not_collected(metadata, origin)
        except ResumeError:
            yield from _end(writer, metadata, clock, "failed")
            return
        for task in taken:
            manifest = store.read_manifest(task.manifest or "")
            if (payload := manifest.artifacts["x"].payload) is not None:
                writer.expected[task.manifest or ""] = bytes(store.get_blob(payload))
            pathspec = f"{FLOW}/{origin.run_id}/start/{task.task_id}"
            metadata.write([attrs.evolve(task, run_id=run_id, origin_pathspec=pathspec)])
            yield "cloned"
        previous = store.read_manifest(taken[0].manifest or "") if taken else None
        # Not a number that a task it took over has, nor the name of what an earlier resumed run added.
        yield from _task(writer, metadata, store, clock, f"own-{run_id}", content, previous)
        yield from _end(writer, metadata, clock)

    writer.steps = steps()
    return writer


def _task(
    writer: Writer,
    metadata: MetadataProvider,
    store: ArtifactStore,
    clock: Clock,
    task_id: str,
    content: bytes,
    previous: Manifest | None = None,
) -> Iterator[str]:
    run_id = writer.run.run_id
    writer.unnamed_since = clock()
    entry = attrs.evolve(store.save("x", content), inline=None, payload=store.put_blob(content))
    yield "stored"
    entries = {"x": entry}
    if previous is not None:
        entries["inherited"] = previous.artifacts["x"]
    key = store.write_manifest(Manifest(FLOW, run_id, "start", task_id, 0, entries))
    writer.unnamed_since = None
    writer.expected[key] = content
    yield "named"
    record = TaskRecord(FLOW, run_id, "start", task_id, clock(), 1, "succeeded", manifest=key, key=task_id)
    metadata.write([record])
    yield "recorded"


def _end(writer: Writer, metadata: MetadataProvider, clock: Clock, status: RunStatus = "succeeded") -> Iterator[str]:
    latest = metadata.run(FLOW, writer.run.run_id) or writer.run
    metadata.write([attrs.evolve(latest, status=status, finished_at=clock())])
    writer.is_over = True
    yield "ended"


def unreadable(store: ArtifactStore, key: str, aside: set[str]) -> str | None:
    """What of a manifest can't be read, nor be brought back; None if all can."""
    from flowkit.artifacts.references import blob_keys_of

    try:
        manifest = store.read_manifest(key)
    except DatastoreError:
        return key
    missing = [one for one in blob_keys_of(manifest, store.datastore) if store.datastore.info(one) is None]
    return next((f"{one} of {key}" for one in missing if one not in aside), None)


def files_below(root: str | Path) -> list[str]:
    """Files of a store, with hidden ones."""
    return [str(path.relative_to(root)) for path in Path(root).rglob("*") if path.is_file()]
