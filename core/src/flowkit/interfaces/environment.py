"""Interpreters with packages of their own, for steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from flowkit.model.graph import Graph
from flowkit.model.task import TaskSpec

__all__ = ["Environment"]


class Environment(ABC):
    """Prepares what steps run in, and says which interpreter starts a task there."""

    api_version: ClassVar[int] = 1
    name: ClassVar[str]

    @abstractmethod
    def prepare(self, flow_class: type[Any], graph: Graph) -> None:
        """Resolve and build what the steps need; called before a run, may take long and show progress."""

    @abstractmethod
    def interpreter(self, spec: TaskSpec) -> str | None:
        """The Python that runs this task; None for the one that runs the flow. Asked by the backend ``local``."""
