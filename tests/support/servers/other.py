"""A server of HTTP that is none of the services, as a wrong endpoint names one."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from flowkit.artifacts.remote.reachability import patience_for
from flowkit.errors import DatastoreError
from flowkit.interfaces.datastore import Datastore
from support.servers.connecting import first_patience_ended

__all__ = ["another_server_is_told", "serve_other"]


def another_server_is_told(monkeypatch: pytest.MonkeyPatch, setting: str, open_store: Callable[[], Datastore]) -> None:
    """Check what a datastore says of a server that isn't the service's: in one line, the address and its setting."""
    with serve_other() as address:
        monkeypatch.setenv(setting, address)
        store = open_store()
        said = rf"/F.* failed: (501|404).*; that isn't .* answer: check that {address}/? is .*{setting}"
        for action in (lambda: store.put("F/a", [b"x"]), lambda: list(store.list("F"))):
            with pytest.raises(DatastoreError, match=said) as caught:
                action()
            assert "\n" not in str(caught.value)
        # It has answered: if it went away now, that would be ridden out.
        with first_patience_ended():
            assert not patience_for(address).is_at_end(ConnectionRefusedError())
        store.close()


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
