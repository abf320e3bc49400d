"""Steps."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowkit_service.server.listing_query import STEP_FIELDS, add_conditions, is_plain, page_asked
from flowkit_service.server.responses import answer, body_of, failure, flow_run
from flowkit_service.server.views import step_view
from flowkit_service.storage.database import Row, Transaction
from flowkit_service.storage.listing import find_run
from flowkit_service.storage.query import Query, paged, token_of
from flowkit_service.storage.rest import add_step, now_ms

__all__ = ["ROUTES"]

_STEPS = "SELECT steps.* FROM steps"


async def all_steps(request: Request) -> Response:
    """Steps of a run."""
    flow, run_id = flow_run(request)
    page = page_asked(request)

    async def work(transaction: Transaction) -> tuple[Row | None, list[Row]]:
        run = await find_run(transaction, flow, run_id)
        if run is None:
            return None, []
        query = Query()
        query.where("steps.run = {}", run["id"])
        add_conditions(query, request.query_params.multi_items(), STEP_FIELDS)
        order = paged(query, "steps", "created_at", page)
        return run, list(await transaction.fetch(query.text(_STEPS, order), *query.values))

    run, rows = await request.app.state.database.read(work)
    if run is None:
        return answer([])
    more = not is_plain(request) and len(rows) > page.limit
    following = {"X-Next-Cursor": token_of(rows[page.limit - 1], "created_at")} if more else None
    return answer([step_view(row, run) for row in rows[: page.limit]], headers=following)


async def one_step(request: Request) -> Response:
    """One step."""
    flow, run_id = flow_run(request)
    step = request.path_params["step_name"]

    async def work(transaction: Transaction) -> tuple[Row | None, Row | None]:
        run = await find_run(transaction, flow, run_id)
        if run is None:
            return None, None
        return run, await transaction.fetch_one(f"{_STEPS} WHERE run = $1 AND step_name = $2", run["id"], step)

    run, row = await request.app.state.database.read(work)
    if run is None or row is None:
        return failure(404, f"no step {flow}/{run_id}/{step}")
    return answer(step_view(row, run))


async def create_step(request: Request) -> Response:
    """Record a step."""
    flow, run_id = flow_run(request)
    step = request.path_params["step_name"]
    body = await body_of(request)

    async def work(transaction: Transaction) -> tuple[Row | None, Row | None]:
        run = await find_run(transaction, flow, run_id)
        if run is None:
            return None, None
        return run, await add_step(transaction, run["id"], step, body.get("user_name"), now_ms())

    run, row = await request.app.state.database.write(work)
    if run is None:
        return failure(404, f"no run {flow}/{run_id}: record it first")
    if row is None:
        return failure(409, f"the step {flow}/{run_id}/{step} is there already")
    return answer(step_view(row, run))


ROUTES = [
    Route("/flows/{flow_id}/runs/{run_number}/steps", all_steps),
    Route("/flows/{flow_id}/runs/{run_number}/steps/{step_name}", one_step),
    Route("/flows/{flow_id}/runs/{run_number}/steps/{step_name}/step", create_step, methods=["POST"]),
]
