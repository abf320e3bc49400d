"""Readers of files by URL, and parsers of configuration files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

__all__ = ["ConfigParser", "DataClient"]

#: Turns the text of a configuration file into a mapping; raises ValueError that says where it is wrong.
ConfigParser = Callable[[str], Mapping[str, Any]]


class DataClient(ABC):
    """Fetches and stores files by URL, for IncludeFile and data tools."""

    api_version: ClassVar[int] = 1
    #: The URL scheme: ``s3``.
    name: ClassVar[str]

    @abstractmethod
    def download(self, url: str, to: Path) -> None:
        """Write the object's content to the file ``to``. Raises DataToolsError or DatastoreError."""

    @abstractmethod
    def upload(self, path: Path, url: str) -> None:
        """Store a file's content under ``url``. Raises DataToolsError or DatastoreError."""
