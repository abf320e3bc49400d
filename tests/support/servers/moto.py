"""moto's server: S3, STS and more of AWS."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.need import need_module
from support.servers.process import free_port, running

__all__ = ["serve_moto"]


@contextmanager
def serve_moto(folder: Path) -> Iterator[str]:
    """The server's address while the context lasts."""
    need_module("moto")
    need_module("flask")
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(command, port, folder / "moto.log", {**os.environ, "MOTO_PORT": str(port)}):
        yield f"http://127.0.0.1:{port}"
