"""Data tools as what the core reads files by URL with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from flowkit.datatools.addresses import Address, Addresses
from flowkit.datatools.downloads import Downloader
from flowkit.datatools.progress import Meter
from flowkit.datatools.service import ObjectService, PutOptions
from flowkit.datatools.tools import DataTools
from flowkit.datatools.uploads import Source, Uploader
from flowkit.interfaces.data_client import DataClient

__all__ = ["ToolsDataClient"]


class ToolsDataClient(DataClient):
    """Fetches and stores files by URL with the tools of a service; a subclass says which."""

    tools: ClassVar[type[DataTools[Any]]]

    def download(self, url: str, to: Path) -> None:
        """Write the object's content to the file ``to``. Raises the tools' errors."""
        service, address = self._open(url)
        with Meter("get", 1) as meter:
            Downloader(service, meter).fetch(address, to)

    def upload(self, path: Path, url: str) -> None:
        """Store a file's content under ``url``. Raises the tools' errors."""
        service, address = self._open(url)
        with Meter("put", 1) as meter:
            Uploader(service, meter).store(Source(url, url, address, PutOptions(), path=path), overwrite=True)

    def _open(self, url: str) -> tuple[ObjectService, Address]:
        service = self.tools()._make_service()
        address = Addresses(self.tools.schemes, self.tools.errors, None, service.longest_name).parse_object(url)
        service.check(address)
        return service, address
