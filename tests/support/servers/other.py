"""A server of HTTP that is none of the services, as a wrong endpoint names one."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["serve_other"]


@contextmanager
def serve_other() -> Iterator[str]:
    """The address of a server that has nothing and takes nothing, while the context lasts."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Say that there is no such page. Other methods are answered by 501."""
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name for it)
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
