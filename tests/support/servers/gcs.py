"""fake-gcs-server: Google Cloud Storage."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.need import missing
from support.servers.process import free_port, running

__all__ = ["serve_gcs"]


@contextmanager
def serve_gcs(folder: Path, external_port: int = 0) -> Iterator[str]:
    """The server's address while the context lasts.

    Parameters
    ----------
    external_port
        The port that it names in addresses that it gives to clients, if that is a proxy's.
    """
    program = Path(sysconfig.get_path("scripts"), "fake-gcs-server-linux-amd64")
    if not program.is_file():
        missing("fake-gcs-server")
    port = free_port()
    public = f"127.0.0.1:{external_port or port}"
    command = [str(program), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    command += ["-public-host", public, "-external-url", f"http://{public}", "-log-level", "warn"]
    with running(command, port, folder / f"gcs-{port}.log"):
        yield f"http://127.0.0.1:{port}"
