"""Azurite: Azure Blob Storage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.need import need_program
from support.servers.process import free_port, running

__all__ = ["AZURITE_ACCOUNT", "AZURITE_KEY", "serve_azurite"]

#: The account that Azurite documents, for everybody.
AZURITE_ACCOUNT = "devstoreaccount1"
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@contextmanager
def serve_azurite(folder: Path) -> Iterator[str]:
    """The account's address while the context lasts."""
    program = need_program("azurite-blob")
    port = free_port()
    options = ["--silent", "--skipApiVersionCheck", "--disableTelemetry", "--inMemoryPersistence"]
    command = [program, *options, "--blobHost", "127.0.0.1", "--blobPort", str(port)]
    with running(command, port, folder / "azurite.log"):
        yield f"http://127.0.0.1:{port}/{AZURITE_ACCOUNT}"
