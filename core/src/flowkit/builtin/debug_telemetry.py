"""The event logger and the monitor ``debug``: a readable line on stderr for each event and measurement."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

from flowkit.interfaces.telemetry import EventLogger, Monitor

__all__ = ["DebugEventLogger", "DebugMonitor"]


class DebugEventLogger(EventLogger):
    """``[event] 12:00:00.000 task_started flow=Hello step=start …``."""

    name = "debug"

    def log(self, event: Mapping[str, Any]) -> None:
        """Write the line."""
        facts = {key: value for key, value in event.items() if key not in ("name", "time")}
        _write("event", event.get("time", time.time()), str(event.get("name", "")), facts)


class DebugMonitor(Monitor):
    """``[monitor] 12:00:00.000 flowkit.attempt.seconds=0.1 flow=Hello step=start …``."""

    name = "debug"

    def count(self, name: str, value: float = 1, labels: Mapping[str, str] | None = None) -> None:
        """Write a line."""
        _write("monitor", time.time(), f"{name}+={value:g}", labels or {})

    def measure(self, name: str, seconds: float, labels: Mapping[str, str] | None = None) -> None:
        """Write a line."""
        _write("monitor", time.time(), f"{name}={seconds:.3f}", labels or {})

    def gauge(self, name: str, value: float, labels: Mapping[str, str] | None = None) -> None:
        """Write a line."""
        _write("monitor", time.time(), f"{name}={value:.10g}", labels or {})


def _write(kind: str, at: float, what: str, facts: Mapping[str, Any]) -> None:
    stamp = f"{time.strftime('%H:%M:%S', time.localtime(at))}.{int(at * 1000) % 1000:03d}"
    shown = " ".join(f"{key}={value}" for key, value in facts.items())
    # One write, so that lines of several processes don't mix.
    sys.stderr.write(f"[{kind}] {stamp} {what} {shown}".rstrip() + "\n")
    sys.stderr.flush()
