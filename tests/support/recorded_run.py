"""Runs written record by record, as the engine writes them, for tests of what reads them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from flowkit.artifacts.layout import log_key
from flowkit.artifacts.store import ArtifactStore
from flowkit.builtin.local_datastore import LocalDatastore
from flowkit.builtin.sqlite_metadata import SQLiteMetadata
from flowkit.model.artifact import FailureSummary, Manifest, Transition
from flowkit.model.log import encode
from flowkit.model.record import AttemptRecord, Metadatum, RunRecord, TaskRecord

__all__ = ["RecordedRun", "graph"]

FLOW = "TestFlow"


def graph(**next_steps: tuple[str, ...]) -> dict[str, Any]:
    """What ``_graph_info`` holds of a graph, as far as readers look at it: each step and where it leads."""
    last = [step for step, following in next_steps.items() if not following]
    return {"steps": {step: {"next": list(following)} for step, following in next_steps.items()}, "end_step": last[0]}


class RecordedRun:
    """One run of TestFlow in ``root``, and what adds to it. Tasks get ids and ordinals in the order of the calls."""

    def __init__(self, root: Path, run_id: str = "1", *, flow: str = FLOW, **fields: Any) -> None:
        self.root = root
        self.metadata = SQLiteMetadata.open(str(root))
        self.store = ArtifactStore(LocalDatastore.open(str(root)), flow)
        now = time.time()
        run = RunRecord(
            flow=flow,
            run_id=run_id,
            username="tester",
            created_at=now,
            heartbeat_at=now,
            system_tags=("runtime:dev", "user:tester"),
            datastore="local",
            datastore_root=str(root),
        )
        self.record = attrs.evolve(run, **fields)
        assert self.metadata.create_run(self.record)
        self._count = 0

    @property
    def pathspec(self) -> str:
        return f"{self.record.flow}/{self.record.run_id}"

    def change(self, **fields: Any) -> None:
        """Change the run's record."""
        self.record = attrs.evolve(self.record, **fields)
        self.metadata.write([self.record])

    def parameters(self, graph_info: Mapping[str, Any], **values: Any) -> None:
        """Store what the run starts from."""
        self.manifest("_parameters", "0", 0, {**values, "_graph_info": dict(graph_info)})

    def manifest(self, step: str, task_id: str, attempt: int, artifacts: Mapping[str, Any], **fields: Any) -> str:
        """Store a manifest; its key."""
        entries = {name: self.store.save(name, value) for name, value in artifacts.items()}
        return self.store.write_manifest(
            Manifest(self.record.flow, self.record.run_id, step, task_id, attempt, entries, **fields)
        )

    def log(self, step: str, task_id: str, attempt: int, *lines: tuple[Any, float, bytes]) -> None:
        """Store output: stream, time and bytes of each line."""
        key = log_key(self.record.flow, self.record.run_id, step, task_id, attempt)
        self.store.datastore.put(key, [b"".join(encode(*line) for line in lines)])

    def task(
        self,
        step: str,
        artifacts: Mapping[str, Any] | None = None,
        *,
        status: Any = "succeeded",
        attempt: int = 0,
        next_steps: tuple[str, ...] = (),
        failure: FailureSummary | None = None,
        main_file: str = "",
        metadata: tuple[Metadatum, ...] = (),
        **fields: Any,
    ) -> TaskRecord:
        """Record a task, and store what it left if it ended."""
        self._count += 1
        task_id = str(self._count)
        now = time.time()
        key = None
        if status in ("succeeded", "failed"):
            key = self.manifest(
                step,
                task_id,
                attempt,
                artifacts or {},
                ok=status == "succeeded",
                transition=Transition(next_steps) if next_steps else None,
                failure=failure,
                main_file=main_file,
                finished_at=now,
            )
        ended = None if status == "running" else now
        task = TaskRecord(
            flow=self.record.flow,
            run_id=self.record.run_id,
            step=step,
            task_id=task_id,
            created_at=now,
            ordinal=self._count,
            status=status,
            attempt=attempt,
            finished_at=ended,
            manifest=key if status == "succeeded" else None,
            metadata=metadata,
        )
        task = attrs.evolve(task, **fields)
        line = f"{failure.type}: {failure.message}" if failure else ""
        record = AttemptRecord(
            task.flow, task.run_id, step, task_id, attempt, status, now, ended, key, None, line, metadata
        )
        self.metadata.write([task, record])
        return task

    def many(self, step: str, count: int, **changes: Any) -> None:
        """Record tasks of a foreach that wrote an artifact ``out`` and a line each, in one transaction."""
        entries = {"name": self.store.save("name", "x" * 100)}
        changed: list[TaskRecord | AttemptRecord] = []
        now = time.time()
        for index in range(count):
            self._count += 1
            place = (self.record.flow, self.record.run_id, step, str(self._count))
            artifacts = {**entries, "out": self.store.save("out", index)}
            key = self.store.write_manifest(Manifest(*place, 0, artifacts, finished_at=now))
            self.log(step, place[3], 0, ("stdout", now, b"line %d\n" % index))
            stack = f'["items={index}"]'
            metadata = (Metadatum("pid", str(index % 7), "pid", now), Metadatum("foreach-stack", stack, "", now))
            task = TaskRecord(
                *place,
                created_at=now,
                ordinal=self._count,
                status="succeeded",
                finished_at=now,
                manifest=key,
                index_path=str(index),
                frames=(("start", "1", "items", index, count),),
                metadata=metadata,
            )
            changed += [
                attrs.evolve(task, **changes),
                AttemptRecord(*place, 0, "succeeded", now, now, key, 0, metadata=metadata),
            ]
        self.metadata.write(changed)

    def end(self, status: Any = "succeeded") -> None:
        """Record that the run is over."""
        self.change(status=status, finished_at=time.time())
