"""Answers: JSON, and errors of one line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from flowkit.plugin import FlowkitError

__all__ = ["BadRequest", "Written", "answer", "answer_with_result", "body_of", "failure", "flow_run", "items_of"]

_MISSING = object()


class BadRequest(FlowkitError):
    """A request that can't be understood."""

    headline = "Bad request"


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """``value`` as JSON."""
    content = json.dumps(value, separators=(",", ":")).encode()
    return Response(content, status, headers, media_type="application/json")


class Written(str):
    """A result that is JSON already."""


def answer_with_result(result: Written) -> Response:
    """The result of an operation."""
    return Response(f'{{"result":{result}}}'.encode(), 200, media_type="application/json")


def failure(status: int, message: str, error: str = "", headers: Mapping[str, str] | None = None) -> Response:
    """An error: one line, and the class of FlowKit's that it is."""
    line = " ".join(message.split())
    return answer({"message": line, **({"error": error} if error else {})}, status, headers)


async def body_of(request: Request) -> dict[str, Any]:
    """The object that a request brings; an empty one if it brings nothing. Raises BadRequest."""
    value = await _json_of(request)
    if value is _MISSING:
        return {}
    if not isinstance(value, dict):
        raise BadRequest(f"the body must be a JSON object, and is {type(value).__name__}")
    return value


async def items_of(request: Request) -> list[dict[str, Any]]:
    """The list of objects that a request brings. Raises BadRequest."""
    value = await _json_of(request)
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadRequest("the body must be a JSON list of objects")
    return value


async def _json_of(request: Request) -> Any:
    content = await request.body()
    if not content:
        return _MISSING
    try:
        return json.loads(content)
    except ValueError as error:
        raise BadRequest(f"the body isn't JSON: {error}") from None


def flow_run(request: Request) -> tuple[str, str]:
    """The flow and run that the path names."""
    return request.path_params["flow_id"], request.path_params["run_number"]
