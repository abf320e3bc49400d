"""Filters and pages of the REST interface's lists, as query parameters.

``_limit`` and ``_cursor`` ask for a page: the answer's header ``X-Next-Cursor`` is the cursor of the next, and isn't
there after the last. ``_order=desc`` begins with the newest. ``_tags=a,b`` asks for runs that have all of these tags.
``FIELD=value`` and ``FIELD:OPERATOR=value`` are conditions that all hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request

from flowkit.plugin import Page
from flowkit_service.server.responses import BadRequest
from flowkit_service.storage.query import Query

__all__ = [
    "ARTIFACT_FIELDS",
    "FLOW_FIELDS",
    "METADATA_FIELDS",
    "MOST_ON_A_PAGE",
    "RUN_FIELDS",
    "STEP_FIELDS",
    "TASK_FIELDS",
    "add_conditions",
    "is_plain",
    "page_asked",
]

#: What a page holds if ``_limit`` doesn't say, and at most.
USUAL_ON_A_PAGE = 100
MOST_ON_A_PAGE = 10_000
#: Any number of rows, for lists that nobody asked a page of.
ALL = 2**31 - 2

_TEXT, _NUMBER, _SECONDS = "text", "number", "seconds"
RUN_FIELDS: Mapping[str, tuple[str, str]] = {
    "run_number": ("runs.run_id", _TEXT),
    "user_name": ("runs.user_name", _TEXT),
    "status": ("runs.status", _TEXT),
    "ts_epoch": ("runs.ts_epoch", _NUMBER),
    "last_heartbeat_ts": ("runs.heartbeat_at", _SECONDS),
}
FLOW_FIELDS: Mapping[str, tuple[str, str]] = {
    "flow_id": ("flows.flow_id", _TEXT),
    "user_name": ("flows.user_name", _TEXT),
    "ts_epoch": ("flows.ts_epoch", _NUMBER),
}
STEP_FIELDS: Mapping[str, tuple[str, str]] = {
    "step_name": ("steps.step_name", _TEXT),
    "ts_epoch": ("steps.ts_epoch", _NUMBER),
}
METADATA_FIELDS: Mapping[str, tuple[str, str]] = {
    "field_name": ("metadata.field_name", _TEXT),
    "value": ("metadata.value", _TEXT),
    "type": ("metadata.type", _TEXT),
    "ts_epoch": ("metadata.ts_epoch", _NUMBER),
}
ARTIFACT_FIELDS: Mapping[str, tuple[str, str]] = {
    "name": ("artifacts.name", _TEXT),
    "ds_type": ("artifacts.ds_type", _TEXT),
    "content_type": ("artifacts.content_type", _TEXT),
    "ts_epoch": ("artifacts.ts_epoch", _NUMBER),
}
TASK_FIELDS: Mapping[str, tuple[str, str]] = {
    "task_id": ("tasks.task_id", _TEXT),
    "step_name": ("tasks.step_name", _TEXT),
    "status": ("tasks.status", _TEXT),
    "index_path": ("tasks.index_path", _TEXT),
    "ts_epoch": ("tasks.ts_epoch", _NUMBER),
    "last_heartbeat_ts": ("tasks.heartbeat_at", _SECONDS),
}
_OPERATORS: Mapping[str, str] = {
    "eq": "{column} = {{}}",
    "ne": "({column} IS NULL OR {column} <> {{}})",
    "lt": "{column} < {{}}",
    "le": "{column} <= {{}}",
    "gt": "{column} > {{}}",
    "ge": "{column} >= {{}}",
    "co": "{column} LIKE {{}} ESCAPE '!'",
    "sw": "{column} LIKE {{}} ESCAPE '!'",
    "ew": "{column} LIKE {{}} ESCAPE '!'",
}
_PATTERNS = {"co": "%{}%", "sw": "{}%", "ew": "%{}"}


def is_plain(request: Request) -> bool:
    """Whether a list is asked for as Netflix's service has it: whole."""
    return not {"_limit", "_cursor"} & set(request.query_params)


def page_asked(request: Request) -> Page:
    """The page that a request asks for; all, oldest first, if none. Raises BadRequest."""
    query = request.query_params
    order = query.get("_order", "asc")
    if order not in ("asc", "desc"):
        raise BadRequest(f"_order must be asc or desc, and is {order!r}")
    if is_plain(request):
        return Page(ALL, None, order == "desc")
    try:
        limit = int(query.get("_limit", USUAL_ON_A_PAGE))
    except ValueError:
        limit = 0
    if not 1 <= limit <= MOST_ON_A_PAGE:
        raise BadRequest(f"_limit must be a number from 1 to {MOST_ON_A_PAGE}, and is {query['_limit']!r}")
    return Page(limit, query.get("_cursor") or None, order == "desc")


def add_conditions(query: Query, asked: Iterable[tuple[str, str]], fields: Mapping[str, tuple[str, str]]) -> None:
    """Add the conditions of a request's parameters; names that aren't of ``fields`` say nothing.

    Raises
    ------
    BadRequest
        If an operator isn't known, or a value isn't of the field's type.
    """
    for name, text in asked:
        field, _, operator = name.partition(":")
        if field not in fields:
            continue
        column, kind = fields[field]
        condition = _OPERATORS.get(operator or "eq")
        if condition is None or (operator in _PATTERNS and kind != _TEXT):
            raise BadRequest(f"{operator!r} is no operator for {field}: there are {', '.join(_OPERATORS)}")
        query.where(condition.format(column=column), _value(field, kind, operator, text))


def _value(field: str, kind: str, operator: str, text: str) -> Any:
    if kind == _TEXT:
        pattern = _PATTERNS.get(operator)
        if pattern is None:
            return text
        escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        return pattern.format(escaped)
    try:
        return int(text) if kind == _NUMBER else float(text)
    except ValueError:
        raise BadRequest(f"{field} is a number, and {text!r} isn't") from None
