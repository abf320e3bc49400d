"""Credentials and clients of a cloud."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

__all__ = ["ClientProvider"]


class ClientProvider(ABC):
    """Builds a cloud's clients in one way for every capability of that cloud."""

    api_version: ClassVar[int] = 1
    name: ClassVar[str]

    @abstractmethod
    def client(self, service: str, options: Mapping[str, Any]) -> Any:
        """A client of ``service``. Builds it without making a connection."""
