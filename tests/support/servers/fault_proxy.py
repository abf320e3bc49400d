"""A proxy before a server of HTTP: counts requests, and delays, cuts and refuses those that a test chooses."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

__all__ = ["Cut", "CutUpload", "Delay", "Fault", "FaultProxy", "Hold", "LoseAnswer", "Refuse", "Request", "fault_proxy"]

_PIECE = 64 * 1024


@attrs.frozen
class Request:
    """A request that came by."""

    method: str
    #: With the query.
    path: str
    #: Bytes of its body.
    size: int
    headers: dict[str, str]


@attrs.frozen
class Delay:
    """Pass the request on after so many seconds."""

    seconds: float


@attrs.frozen
class Refuse:
    """Answer so in the server's place."""

    status: int = 503
    headers: tuple[tuple[str, str], ...] = ()


@attrs.frozen
class Cut:
    """Close the connection after so many bytes of the answer's body."""

    after: int


@attrs.frozen
class CutUpload:
    """Close the connection after so many bytes of the request's body; the server sees nothing of it."""

    after: int


@attrs.frozen
class LoseAnswer:
    """Let the server do it, and close the connection in place of an answer."""


@attrs.frozen
class Hold:
    """Answer so at once, and pass the request on when :meth:`FaultProxy.release` is called."""

    status: int = 504


Fault = Delay | Refuse | Cut | CutUpload | LoseAnswer | Hold


class FaultProxy:
    """What came by, and what is done to what comes.

    ``choose`` is called with each request and returns what to do to it; None to pass it on.
    """

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        self.requests: list[Request] = []
        self.choose: Callable[[Request], Fault | None] = lambda request: None
        self.port = 0
        self._held: list[tuple[Request, bytes]] = []
        self._lock = threading.Lock()

    def take(self, request: Request) -> Fault | None:
        """Note a request; what to do to it."""
        with self._lock:
            self.requests.append(request)
            return self.choose(request)

    def counted(self) -> list[str]:
        """Methods of the requests since the last call."""
        with self._lock:
            methods = [request.method for request in self.requests]
            self.requests.clear()
        return methods

    def hold(self, request: Request, body: bytes) -> None:
        """Keep a request."""
        with self._lock:
            self._held.append((request, body))

    def release(self) -> list[int]:
        """Pass on the requests that were held. Statuses of their answers."""
        with self._lock:
            held = list(self._held)
            self._held.clear()
        statuses = []
        for request, body in held:
            upstream = http.client.HTTPConnection("127.0.0.1", self.upstream_port, timeout=60)
            upstream.request(request.method, request.path, body, request.headers)
            statuses.append(upstream.getresponse().status)
            upstream.close()
        return statuses

    def next_faults(self, *faults: Fault | None, method: str = "") -> None:
        """Do these to the next requests (of one method), one each."""
        waiting = list(faults)

        def choose(request: Request) -> Fault | None:
            return waiting.pop(0) if waiting and method in ("", request.method) else None

        self.choose = choose


@contextmanager
def fault_proxy(upstream: str, port: int = 0) -> Iterator[FaultProxy]:
    """A proxy before the server at the address ``upstream``, while the context lasts."""
    proxy = FaultProxy(int(upstream.split(":")[2].split("/")[0]))

    class Handler(_Handler):
        faults = proxy

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Cut connections are what this is for."""

    server = Server(("127.0.0.1", port), Handler)
    proxy.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    faults: FaultProxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name for it)
        """Nothing."""

    def _pass_on(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        request = Request(self.command, self.path, size, dict(self.headers.items()))
        fault = self.faults.take(request)
        if isinstance(fault, CutUpload):
            self.rfile.read(min(size, fault.after))
            return self._hang_up()
        body = self.rfile.read(size)
        if isinstance(fault, Hold):
            self.faults.hold(request, body)
            fault = Refuse(fault.status)
        if isinstance(fault, Refuse):
            return self._refuse(fault)
        if isinstance(fault, Delay):
            time.sleep(fault.seconds)
        upstream = http.client.HTTPConnection("127.0.0.1", self.faults.upstream_port, timeout=60)
        try:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("expect", "connection"):
                    upstream.putheader(name, value)
            # A server that refuses a request may close before it has read all of it; its answer is there then.
            with suppress(BrokenPipeError, ConnectionResetError):
                upstream.endheaders(body if size else None)
            answer = upstream.getresponse()
            if isinstance(fault, LoseAnswer):
                answer.read()
                return self._hang_up()
            return self._answer(answer, fault.after if isinstance(fault, Cut) else None)
        finally:
            upstream.close()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = _pass_on  # noqa: N815 (the base class's names)

    def _answer(self, answer: http.client.HTTPResponse, cut_after: int | None) -> None:
        body = answer.read()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        is_head = self.command == "HEAD"
        if answer.status != 204:
            self.send_header("Content-Length", answer.headers.get("Content-Length", "0") if is_head else str(len(body)))
        self.end_headers()
        if cut_after is not None and len(body) > cut_after:
            self.wfile.write(body[:cut_after])
            return self._hang_up()
        self.wfile.write(body)
        return None

    def _refuse(self, fault: Refuse) -> None:
        self.send_response(fault.status)
        for name, value in fault.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
