"""Event loggers and monitors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

__all__ = ["EventLogger", "Monitor"]


class EventLogger(ABC):
    """Takes structured events of the framework itself."""

    api_version: ClassVar[int] = 1
    name: ClassVar[str]

    @abstractmethod
    def log(self, event: Mapping[str, Any]) -> None:
        """Take one event. Must be quick; nothing raised here fails a run."""

    def close(self) -> None:
        """Send what is left."""
        return


class Monitor(ABC):
    """Takes measurements of the framework itself."""

    api_version: ClassVar[int] = 1
    name: ClassVar[str]

    @abstractmethod
    def count(self, name: str, value: float = 1, labels: Mapping[str, str] | None = None) -> None:
        """Add to a counter."""

    @abstractmethod
    def measure(self, name: str, seconds: float, labels: Mapping[str, str] | None = None) -> None:
        """Record a duration."""

    @abstractmethod
    def gauge(self, name: str, value: float, labels: Mapping[str, str] | None = None) -> None:
        """Record a level."""

    def close(self) -> None:
        """Send what is left."""
        return
