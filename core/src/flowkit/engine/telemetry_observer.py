"""Tells an event logger and a monitor what happens in a run."""

from __future__ import annotations

from collections.abc import Mapping

from flowkit.engine.observer import RunObserver
from flowkit.engine.telemetry import Telemetry
from flowkit.model.graph import Graph
from flowkit.model.record import RunRecord
from flowkit.model.task import TaskOutcome, TaskSpec

__all__ = ["TelemetryObserver"]


class TelemetryObserver(RunObserver):
    """Events ``run_started``, ``task_started``, ``task_retried``, ``task_ended``, ``run_ended``; their numbers."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def run_started(self, run: RunRecord, graph: Graph) -> None:
        """The run is recorded; nothing has run yet."""
        self._telemetry.event("run_started", run_id=run.run_id, origin_run_id=run.origin_run_id, user=run.username)
        self._telemetry.count("flowkit.runs.started")

    def task_started(self, spec: TaskSpec, info: Mapping[str, str]) -> None:
        """An attempt's process is there."""
        self._telemetry.event("task_started", **_facts(spec), **info)
        self._telemetry.count("flowkit.attempts.started", step=spec.step)

    def task_ended(self, spec: TaskSpec, outcome: TaskOutcome, will_retry: bool) -> None:
        """An attempt is over."""
        failure = None if outcome.failure is None else outcome.failure.type
        name = "task_retried" if will_retry else "task_ended"
        self._telemetry.event(name, **_facts(spec), status=outcome.status, failure=failure)
        self._telemetry.count("flowkit.attempts.ended", step=spec.step, status=outcome.status)

    def task_cloned(self, step: str, count: int) -> None:
        """``count`` tasks of ``step`` were taken from the origin run."""
        self._telemetry.event("task_cloned", step=step, count=count)

    def run_finished(self, run: RunRecord, failure: str) -> None:
        """The run is over and recorded."""
        self._telemetry.event("run_ended", run_id=run.run_id, status=run.status, failure=failure or None)
        self._telemetry.measure("flowkit.run.seconds", (run.finished_at or 0) - run.created_at, status=run.status)


def _facts(spec: TaskSpec) -> dict[str, object]:
    return {"run_id": spec.run.run_id, "step": spec.step, "task_id": spec.task_id, "attempt": spec.attempt}
