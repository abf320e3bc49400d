"""Orchestrators that a flow is deployed to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from flowkit.model.problem import Problem

__all__ = ["Deployer"]


class Deployer(ABC):
    """Compiles a plan into an orchestrator's own form, submits it, and starts and stops what was submitted."""

    api_version: ClassVar[int] = 1
    name: ClassVar[str]

    @abstractmethod
    def check(self, plan: Any) -> Iterable[Problem]:
        """Limits of the orchestrator that this plan would pass."""

    @abstractmethod
    def compile(self, plan: Any) -> Mapping[str, Any]:
        """The orchestrator's objects, as data that can be dumped."""

    @abstractmethod
    def create(self, plan: Any) -> str:
        """Submit; returns the deployment's name."""

    @abstractmethod
    def trigger(self, name: str, parameters: Mapping[str, Any]) -> str:
        """Start a run of what was deployed; returns its pathspec."""

    @abstractmethod
    def delete(self, name: str) -> bool:
        """Take a deployment away; False if there was none."""
