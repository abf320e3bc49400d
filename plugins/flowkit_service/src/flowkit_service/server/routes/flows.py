"""Flows."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowkit_service.server.listing_query import FLOW_FIELDS, add_conditions, page_asked
from flowkit_service.server.responses import answer, body_of, failure
from flowkit_service.server.views import flow_view
from flowkit_service.storage.database import Row, Transaction
from flowkit_service.storage.flows import add_flow, find_flow, list_flows
from flowkit_service.storage.query import Query
from flowkit_service.storage.rest import now_ms

__all__ = ["ROUTES"]


async def all_flows(request: Request) -> Response:
    """Flows by name."""
    page = page_asked(request)
    query = Query()
    add_conditions(query, request.query_params.multi_items(), FLOW_FIELDS)
    rows = await request.app.state.database.read(lambda transaction: list_flows(transaction, query, page))
    following = {"X-Next-Cursor": rows[page.limit - 1]["flow_id"]} if len(rows) > page.limit else None
    return answer([flow_view(row) for row in rows[: page.limit]], headers=following)


async def one_flow(request: Request) -> Response:
    """One flow."""
    flow = request.path_params["flow_id"]
    row = await request.app.state.database.read(lambda transaction: find_flow(transaction, flow))
    return failure(404, f"no flow {flow}") if row is None else answer(flow_view(row))


async def create_flow(request: Request) -> Response:
    """Record a flow."""
    flow = request.path_params["flow_id"]
    body = await body_of(request)
    ts_epoch = int(body.get("ts_epoch") or now_ms())

    async def work(transaction: Transaction) -> Row | None:
        return await add_flow(transaction, flow, body.get("user_name"), ts_epoch)

    row = await request.app.state.database.write(work)
    return failure(409, f"the flow {flow} is there already") if row is None else answer(flow_view(row))


ROUTES = [
    Route("/flows", all_flows),
    Route("/flows/{flow_id}", one_flow),
    Route("/flows/{flow_id}", create_flow, methods=["POST"]),
]
