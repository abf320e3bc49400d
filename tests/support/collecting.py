"""Stores with a clock of the test's own, and runs that are made step by step, for tests of garbage collection."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from pathlib import Path

import attrs

from flowkit.artifacts.remote.content import Content
from flowkit.artifacts.remote.datastore import RemoteDatastore
from flowkit.artifacts.remote.requests import Download, RemoteObject
from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.engine.resume import check_not_collected
from flowkit.errors import DatastoreError, ResumeError
from flowkit.interfaces.datastore import Buffer
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
    "resume_steps",
    "run_steps",
    "unreadable",
]

FLOW = "GcFlow"
#: Seconds.
GRACE = 86400.0


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

    def another(self) -> ClockedStore:
        """The store, as another process has it."""
        return copy(self)

    def files(self) -> list[str]:
        """All files, with hidden ones."""
        return [str(path.relative_to(self.root)) for path in Path(self.root).rglob("*") if path.is_file()]

    def _stamp(self, key: str) -> bool:
        try:
            os.utime(self._path(key), (self.clock(), self.clock()))
        except FileNotFoundError:
            return False
        return True


class CopyingStore(RemoteDatastore):
    """A store over a network but for the network: what has the same objects is the same store, elsewhere.

    ``before_request`` is called with the kind of each request that it is about to make, and the name of the object.
    """

    name = "copying"
    workers = 1
    names_per_removal = 2

    def __init__(self, root: str, clock: Clock) -> None:
        super().__init__(f"copying://bucket{root}", clock=clock)
        self.objects: dict[str, tuple[bytes, float]] = {}
        self.before_request: Callable[[str, str], None] = lambda what, name: None

    def another(self) -> CopyingStore:
        """The store, as another process has it."""
        store = copy(self)
        store.before_request = lambda what, name: None
        return store

    def files(self) -> list[str]:
        """Names of all objects."""
        return list(self.objects)

    def _head(self, name: str) -> RemoteObject | None:
        self.before_request("head", name)
        content, modified_at = self.objects.get(name, (None, 0.0))
        return None if content is None else RemoteObject(name, len(content), modified_at)

    def _upload(self, name: str, content: Content, *, create: bool) -> bool:
        self.before_request("upload", name)
        if create and name in self.objects:
            return False
        self.objects[name] = content.read(), self._clock()
        return True

    def _upload_parts(self, name: str, content: Content, *, create: bool) -> bool:
        return self._upload(name, content, create=create)

    def _download(self, name: str, start: int, length: int | None, version: str | None) -> Download | None:
        self.before_request("download", name)
        if name not in self.objects:
            raise self._missing(name)
        content = self.objects[name][0]
        if start >= len(content):
            return None
        piece = content[start : None if length is None else start + length]
        return Download(len(content), "the only one", iter([piece]), lambda: None)

    def _scan(self, prefix: str, *, recursive: bool) -> Iterator[RemoteObject | str]:
        self.before_request("scan", prefix)
        for name, (content, modified_at) in sorted(self.objects.items()):
            if name.startswith(prefix):
                yield RemoteObject(name, len(content), modified_at)

    def _remove(self, names: Sequence[str], before_request: Callable[[], None] | None = None) -> None:
        self.before_request("remove", names[0])
        if before_request is not None:
            before_request()
        for name in names:
            self.objects.pop(name, None)

    def _touch(self, found: RemoteObject) -> bool:
        return self._copy(found, found.name)

    def _copy(self, found: RemoteObject, target: str) -> bool:
        self.before_request("copy", target)
        if found.name not in self.objects:
            return False
        self.objects[target] = self.objects[found.name][0], self._clock()
        return True


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
