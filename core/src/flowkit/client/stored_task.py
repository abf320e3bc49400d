"""What was recorded and stored of a task, for the attempt that is shown."""

from __future__ import annotations

from flowkit.client.base import InRun
from flowkit.client.display import age
from flowkit.client.liveness import is_dead
from flowkit.client.prefetch import Prefetched, prefetched
from flowkit.client.run_context import View
from flowkit.client.shown_attempt import ShownAttempt, latest_attempt, numbered_attempt
from flowkit.errors import NotFound
from flowkit.model.artifact import Manifest
from flowkit.model.collected import when_collected
from flowkit.model.record import TaskRecord

__all__ = ["StoredTask"]


class StoredTask(InRun):
    """A task's record, manifest and log, each read when it is first needed and again while the task runs."""

    def _setup(self, view: View, path: tuple[str, ...]) -> None:
        super()._setup(view, path)
        self._attempt: int | None = None
        self._record: TaskRecord | None = None
        self._shown_attempt: ShownAttempt | None = None
        self._manifest: Manifest | None = None
        self._shared: Prefetched | None = None

    def _check(self) -> None:
        super()._check()
        self._shown()

    def _state(self) -> TaskRecord:
        """The record, read again while the task runs."""
        if self._record is None or self._record.status == "running":
            record = self._run.task(*self._path[2:4])
            if record is None:
                raise NotFound(f"there is no task {self.pathspec!r} in {self._view.metadata}")
            self._record = record
        return self._record

    def _shown(self) -> ShownAttempt:
        shown = self._shown_attempt
        if shown is None or shown.status == "running":
            record = self._state()
            if self._attempt is None:
                shown = latest_attempt(self._run, record)
            else:
                attempts = self._view.reader.attempts(*self._path)
                shown = numbered_attempt(self._run, record, attempts, self._attempt)
            self._shown_attempt = shown
        return shown

    def _stored(self) -> Manifest | None:
        """What the attempt stored; None if that is nothing, or not to be seen."""
        shown = self._shown()
        if self._manifest is None and shown.manifest is not None:
            self._manifest = self._ahead().manifests.get(shown.manifest)
            if self._manifest is None:
                if (when := when_collected(self._run.record)) is not None:
                    raise NotFound(f"the artifacts of {self.pathspec} were collected by flowkit gc on {when}")
                raise NotFound(
                    f"the artifacts of {self.pathspec} are not in {self._run.record.datastore_root} any more: "
                    f"{shown.manifest} is missing"
                )
        return self._manifest

    def _ahead(self) -> Prefetched:
        if self._shared is None:
            self._shared = prefetched(self._run, [self._state()])
        return self._shared

    def _log(self) -> bytes | None:
        """The stored output; None if there is none."""
        from flowkit.artifacts.layout import log_key

        record, number = self._state(), self._shown().number
        key = log_key(record.flow, record.run_id, record.step, record.task_id, number)
        if record.origin_pathspec is not None and (ran := self._stored()) is not None:
            # The output of a copy lies with the task that ran.
            key = log_key(ran.flow, ran.run_id, ran.step, ran.task_id, ran.attempt)
        return self._ahead().logs.get(key)

    # --- identity --------------------------------------------------------------------------------------------------

    def _identity(self) -> tuple[object, ...]:
        return (*super()._identity(), self._attempt)

    def _pickled(self) -> dict[str, object]:
        return {"_attempt": self._attempt}

    def _notes(self) -> list[str]:
        attempt = "" if self._attempt is None else f"attempt={self._attempt}"
        if self._record is None or self._attempt is not None:
            return [attempt]
        run = self._run.last_read
        is_left = self._record.status == "running" and run is not None and is_dead(run)
        return ["failed" if is_left else self._record.status, age(self._record.finished_at or self._record.created_at)]
