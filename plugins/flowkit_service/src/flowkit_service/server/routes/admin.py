"""Whether the service is up, and which version it is."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from flowkit_service.protocol import PROTOCOL_VERSION

__all__ = ["ROUTES"]


async def ping(request: Request) -> Response:
    """The service answers."""
    return PlainTextResponse("pong")


async def version(request: Request) -> Response:
    """The version of Netflix's service whose interface this is."""
    return PlainTextResponse(PROTOCOL_VERSION)


async def health(request: Request) -> Response:
    """The service and its database answer."""
    number = await request.app.state.database.version()
    return PlainTextResponse(f"ok, tables {number}")


ROUTES = [Route("/ping", ping), Route("/version", version), Route("/healthcheck", health)]
