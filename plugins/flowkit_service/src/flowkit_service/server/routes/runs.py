"""Runs, their heartbeats and their tags."""

from __future__ import annotations

import json
import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowkit.plugin import RunFilter, TagError
from flowkit_service.server.listing_query import RUN_FIELDS, add_conditions, page_asked
from flowkit_service.server.responses import BadRequest, answer, body_of, failure, flow_run
from flowkit_service.server.views import run_view
from flowkit_service.storage.database import Row, Transaction
from flowkit_service.storage.flows import find_flow
from flowkit_service.storage.listing import find_run, list_runs, run_query
from flowkit_service.storage.rest import add_run, beat, now_ms
from flowkit_service.storage.tags import mutate_tags

__all__ = ["BEAT_SECONDS", "ROUTES", "beaten"]

#: What clients are told to wait between two signs of life.
BEAT_SECONDS = 10


async def all_runs(request: Request) -> Response:
    """Runs of a flow."""
    tags = tuple(tag for text in request.query_params.getlist("_tags") for tag in text.split(",") if tag)
    query = run_query(request.path_params.get("flow_id"), RunFilter(tags=tags))
    add_conditions(query, request.query_params.multi_items(), RUN_FIELDS)
    page = page_asked(request)
    found = await request.app.state.database.read(lambda transaction: list_runs(transaction, query, page))
    following = {"X-Next-Cursor": found.next} if found.next else None
    return answer([run_view(row) for row in found.rows], headers=following)


async def one_run(request: Request) -> Response:
    """One run."""
    flow, run_id = flow_run(request)
    row = await request.app.state.database.read(lambda transaction: find_run(transaction, flow, run_id))
    return failure(404, f"no run {flow}/{run_id}") if row is None else answer(run_view(row))


async def create_run(request: Request) -> Response:
    """Record a run, under its name, or under a number if it has none."""
    flow = request.path_params["flow_id"]
    body = await body_of(request)
    run_id = body.get("run_number")
    if run_id is not None and (not isinstance(run_id, str) or run_id.isnumeric() or not run_id):
        raise BadRequest("run_number is a name, and no number: the service numbers runs that have no name itself")
    ts_epoch = int(body.get("ts_epoch") or now_ms())

    async def work(transaction: Transaction) -> tuple[bool, Row | None]:
        if await find_flow(transaction, flow) is None:
            return False, None
        user, tags, system = body.get("user_name"), body.get("tags"), body.get("system_tags")
        return True, await add_run(transaction, flow, run_id, user, ts_epoch, tags, system)

    has_flow, row = await request.app.state.database.write(work)
    if not has_flow:
        return failure(404, f"no flow {flow}: record it first")
    return failure(409, f"the run {flow}/{run_id} is there already") if row is None else answer(run_view(row))


async def heartbeat(request: Request) -> Response:
    """A sign of life of a run."""
    flow, run_id = flow_run(request)
    found = await request.app.state.database.write(
        lambda transaction: beat(transaction, flow, run_id, None, time.time())
    )
    return beaten(found, f"{flow}/{run_id}")


def beaten(found: bool, what: str) -> Response:
    """The answer to a sign of life: JSON in a string of JSON, as Metaflow's client takes it."""
    if not found:
        return failure(404, f"no {what}")
    return answer(json.dumps({"wait_time_in_seconds": BEAT_SECONDS}))


async def change_tags(request: Request) -> Response:
    """Remove tags of a run, then add some, all or nothing."""
    flow, run_id = flow_run(request)
    body = await body_of(request)
    add, remove = body.get("tags_to_add") or [], body.get("tags_to_remove") or []
    if not isinstance(add, list) or not isinstance(remove, list):
        raise BadRequest("tags_to_add and tags_to_remove are lists")
    try:
        row = await request.app.state.database.write(
            lambda transaction: mutate_tags(transaction, flow, run_id, add=add, remove=remove)
        )
    except TagError as error:
        return failure(422, error.message, "TagError")
    return answer({"tags": json.loads(row["tags"])})


ROUTES = [
    Route("/flows/{flow_id}/runs", all_runs),
    Route("/flows/{flow_id}/runs/{run_number}", one_run),
    Route("/flows/{flow_id}/run", create_run, methods=["POST"]),
    Route("/flows/{flow_id}/runs/{run_number}/heartbeat", heartbeat, methods=["POST"]),
    Route("/flows/{flow_id}/runs/{run_number}/tag/mutate", change_tags, methods=["PATCH"]),
    # Not in Netflix's service: runs of all flows.
    Route("/runs", all_runs),
]
