"""The framework's own events and measurements, given to the plugins that the command line names."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from flowkit.interfaces.telemetry import EventLogger, Monitor
from flowkit.kernel.registry import Registry

__all__ = ["Telemetry"]


class Telemetry:
    """An event logger and a monitor, either of which may be missing. What their methods raise is shown only.

    Parameters
    ----------
    logger, monitor
        Names of plugins' capabilities.
    labels
        What all events and measurements carry.

    Raises
    ------
    UnknownCapability
        If no plugin has one of the names.
    """

    def __init__(self, registry: Registry, logger: str | None, monitor: str | None, labels: Mapping[str, str]) -> None:
        self._labels = dict(labels)
        self._broken: set[str] = set()
        self._logger: EventLogger | None = None
        self._monitor: Monitor | None = None
        if logger is not None:
            self._logger = cast("type[EventLogger]", registry.get("event_loggers", logger))()
        if monitor is not None:
            self._monitor = cast("type[Monitor]", registry.get("monitors", monitor))()

    def event(self, name: str, **facts: object) -> None:
        """Something happened; facts that are None are left out."""
        if self._logger is not None:
            known = {key: value for key, value in facts.items() if value is not None}
            event: dict[str, Any] = {"name": name, "time": time.time(), **self._labels, **known}
            self._call(self._logger.log, event)

    def count(self, name: str, value: float = 1, **labels: str) -> None:
        """Add to a counter."""
        if self._monitor is not None:
            self._call(self._monitor.count, name, value, {**self._labels, **labels})

    def measure(self, name: str, seconds: float, **labels: str) -> None:
        """Record a duration."""
        if self._monitor is not None:
            self._call(self._monitor.measure, name, seconds, {**self._labels, **labels})

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Record a level."""
        if self._monitor is not None:
            self._call(self._monitor.gauge, name, value, {**self._labels, **labels})

    def close(self) -> None:
        """Send what is left."""
        for part in (self._logger, self._monitor):
            if part is not None:
                self._call(part.close)

    def _call(self, method: Callable[..., None], *args: Any) -> None:
        try:
            method(*args)
        except (Exception, SystemExit) as error:
            who = type(getattr(method, "__self__", method)).__name__
            if who not in self._broken:
                self._broken.add(who)
                sys.stderr.write(f"{who} failed, which changes nothing else: {type(error).__name__}: {error}\n")
