"""The application: routes, who may use them, errors, the access log."""

from __future__ import annotations

import json
import time
from typing import Any, TextIO

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowkit.plugin import FlowkitError, MetadataError, NotFound, TagError
from flowkit_service.protocol import EXTENSION_HEADER, EXTENSION_VERSION, PROTOCOL_VERSION, VERSION_HEADER
from flowkit_service.server.access import Access
from flowkit_service.server.responses import BadRequest, failure
from flowkit_service.server.routes import admin, artifacts, flows, metadata, operations, runs, steps, tasks
from flowkit_service.storage.database import Database, DatabaseUnavailable

__all__ = ["create_app"]

#: Bytes of a request's body.
MOST_BYTES = 256 * 1024 * 1024
#: Open to all: what a load balancer asks.
_OPEN = frozenset({"/ping", "/healthcheck"})


def create_app(
    database: Database,
    access: Access,
    *,
    extensions: bool = True,
    access_log: TextIO | None = None,
) -> ASGIApp:
    """The service over a database that is open.

    Parameters
    ----------
    extensions
        Offer FlowKit's own operations, too.
    access_log
        Gets a line of JSON for each request.
    """

    parts = [admin, flows, runs, steps, tasks, metadata, artifacts, *([operations] if extensions else [])]
    app = Starlette(
        routes=[route for part in parts for route in part.ROUTES],
        exception_handlers={
            HTTPException: _http_error,
            BadRequest: _bad_request,
            TagError: _bad_request,
            NotFound: _not_found,
            DatabaseUnavailable: _unavailable,
            MetadataError: _bad_request,
            FlowkitError: _failed,
            ValueError: _bad_value,
            ClientDisconnect: _gone,
            Exception: _crashed,
        },
    )
    app.state.database = database
    headers = [(VERSION_HEADER.encode(), PROTOCOL_VERSION.encode())]
    if extensions:
        headers.append((EXTENSION_HEADER.encode(), str(EXTENSION_VERSION).encode()))
    return _Gate(app, access, headers, access_log)


class _Gate:
    """Before the routes: lets requests through or not, adds the version to answers, writes the log."""

    def __init__(
        self, app: ASGIApp, access: Access, headers: list[tuple[bytes, bytes]], access_log: TextIO | None
    ) -> None:
        self._app = app
        self._access = access
        self._headers = headers
        self._access_log = access_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started, status = time.perf_counter(), 500

        async def send_with_version(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        answering = self._refused(scope) or self._app
        try:
            await answering(scope, receive, send_with_version)
        finally:
            if self._access_log is not None:
                self._log(scope, status, time.perf_counter() - started)
        return None

    def _refused(self, scope: Scope) -> Response | None:
        headers = dict(scope["headers"])
        if int(headers.get(b"content-length", b"0") or 0) > MOST_BYTES:
            return failure(413, f"a request may bring {MOST_BYTES} bytes at most")
        if scope["path"] in _OPEN:
            return None
        refusal = self._access.refusal(headers)
        return None if refusal is None else failure(*refusal, "Unauthorized")

    def _log(self, scope: Scope, status: int, seconds: float) -> None:
        line = {
            "time": round(time.time(), 3),
            "client": (scope.get("client") or ("",))[0],
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode("latin-1"),
            "status": status,
            "ms": round(seconds * 1000, 2),
        }
        print(json.dumps(line), file=self._access_log, flush=True)


async def _http_error(request: Request, error: Any) -> Response:
    if error.status_code == 405:
        return failure(405, f"{request.method} can't be done with {request.url.path}", headers=error.headers)
    return failure(error.status_code, f"no such path: {request.url.path}" if error.status_code == 404 else error.detail)


async def _bad_request(request: Request, error: Any) -> Response:
    return failure(400, error.message, type(error).__name__)


async def _not_found(request: Request, error: Any) -> Response:
    return failure(404, error.message, "NotFound")


async def _bad_value(request: Request, error: Exception) -> Response:
    return failure(400, f"a value of the request can't be used: {error}", "BadRequest")


async def _unavailable(request: Request, error: Any) -> Response:
    return failure(503, error.message, "DatabaseUnavailable", {"Retry-After": "1"})


async def _failed(request: Request, error: Any) -> Response:
    return failure(500, error.message, type(error).__name__)


async def _gone(request: Request, error: Exception) -> Response:
    return failure(400, "the client went away before all of its request was there")


async def _crashed(request: Request, error: Exception) -> Response:
    # Starlette raises it again after this answer, and the server logs it with its traceback.
    return failure(500, f"{type(error).__name__}: {error}", "InternalError")
