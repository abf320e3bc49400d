"""What a task's own process measures of its attempt."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from flowkit.engine.telemetry import Telemetry
from flowkit.task.process import peak_memory

if TYPE_CHECKING:
    from flowkit.kernel.registry import Registry
    from flowkit.model.task import TaskSpec

__all__ = ["attempt_telemetry"]


def attempt_telemetry(spec: TaskSpec, registry: Registry) -> AttemptTelemetry | None:
    """A context manager around an attempt; None where the run has neither an event logger nor a monitor."""
    chosen = spec.run.extra.get("telemetry")
    if not chosen:
        return None
    return AttemptTelemetry(spec, Telemetry(registry, chosen["event_logger"], chosen["monitor"], chosen["labels"]))


class AttemptTelemetry:
    """Time and memory of an attempt, with its step; all is sent before the process ends."""

    def __init__(self, spec: TaskSpec, telemetry: Telemetry) -> None:
        self._spec = spec
        self._telemetry = telemetry
        self._started = 0.0

    def __enter__(self) -> None:
        self._started = time.perf_counter()
        self._event("attempt_entered")

    def __exit__(self, kind: type[BaseException] | None, *details: Any) -> None:
        status = "failed" if kind else "succeeded"
        self._event("attempt_left", status=status)
        labels = {"step": self._spec.step, "status": status}
        self._telemetry.measure("flowkit.attempt.seconds", time.perf_counter() - self._started, **labels)
        if (memory := peak_memory()) is not None:
            self._telemetry.gauge("flowkit.attempt.peak_memory_bytes", memory, **labels)
        self._telemetry.close()

    def _event(self, name: str, **facts: object) -> None:
        spec = self._spec
        self._telemetry.event(
            name, run_id=spec.run.run_id, step=spec.step, task_id=spec.task_id, attempt=spec.attempt, **facts
        )
