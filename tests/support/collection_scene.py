"""One flow in one store, with a clock of the test's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.sqlite_metadata import SQLiteMetadata
from flowkit.collection.collector import FlowCollector
from flowkit.collection.report import FlowReport
from flowkit.collection.selection import Selection
from flowkit.model.record import RunRecord
from flowkit.model.task import StoreRef
from support.collecting import (
    FLOW,
    GRACE,
    Clock,
    ClockedStore,
    CopyingStore,
    Writer,
    resume_steps,
    run_steps,
)

__all__ = ["Scene"]


class Scene:
    """Makes runs, collects, and looks."""

    def __init__(self, folder: Path, kind: type[ClockedStore | CopyingStore]) -> None:
        self.clock = Clock()
        self.datastore = kind(str(folder / "store"), self.clock)
        self.store = ArtifactStore(self.datastore, FLOW)
        self.metadata = SQLiteMetadata.open(str(folder / "records"))

    def start(self, run_id: str, *contents: bytes) -> Writer:
        return run_steps(self.metadata, self.store, self.clock, run_id, contents or [b"of " + run_id.encode() * 50])

    def run(self, run_id: str, *contents: bytes) -> RunRecord:
        self.finish(self.start(run_id, *contents))
        return self.record(run_id)

    def start_resume(self, run_id: str, origin: str, content: bytes = b"own" * 50) -> Writer:
        return resume_steps(self.metadata, self.store, self.clock, run_id, self.record(origin), content)

    def record(self, run_id: str) -> RunRecord:
        found = self.metadata.run(FLOW, run_id)
        assert found is not None
        return found

    def tag(self, run_id: str, tag: str) -> None:
        self.metadata.mutate_tags(FLOW, run_id, add=[tag])

    def finish(self, writer: Writer, until: str | None = None) -> None:
        for step in writer.steps:
            if step == until:
                return

    def collector(self, keep_records: bool = False, **selection: Any) -> FlowCollector:
        ref = StoreRef("local", self.datastore.root)
        chosen = attrs.evolve(Selection(), **selection)
        return FlowCollector(
            self.metadata, self.datastore, ref, FLOW, chosen, grace=GRACE, keep_records=keep_records, clock=self.clock
        )

    def collect(self, keep_records: bool = False, **selection: Any) -> FlowReport:
        collector = self.collector(keep_records, **selection)
        for _ in collector.steps():
            pass
        assert collector.report is not None
        return collector.report

    def age(self, seconds: float = 2 * GRACE) -> None:
        self.clock.now += seconds

    def runs(self) -> set[str]:
        return {run.run_id for run in self.metadata.all_runs(FLOW)}

    def listed(self, prefix: str = FLOW) -> set[str]:
        return {info.key for info in self.datastore.list(prefix)}

    def aside(self) -> set[str]:
        return {info.key for info in self.datastore.list_aside(FLOW)}

    def content_of(self, keys: Sequence[str]) -> list[bytes]:
        """What tasks stored, by their manifests, as a reader gets it."""
        found = []
        for key in keys:
            payload = self.store.read_manifest(key).artifacts["x"].payload
            assert payload is not None
            found.append(bytes(self.store.get_blob(payload)))
        return found

    def check(self, writer: Writer) -> None:
        """All that the run needs can be read."""
        assert self.content_of(list(writer.expected)) == list(writer.expected.values())
