"""Metadata of tasks."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowkit_service.server.listing_query import METADATA_FIELDS, add_conditions, page_asked
from flowkit_service.server.responses import answer, failure, flow_run, items_of
from flowkit_service.server.views import metadatum_view
from flowkit_service.storage.database import Row, Transaction
from flowkit_service.storage.listing import find_run, find_task
from flowkit_service.storage.query import Query, paged
from flowkit_service.storage.rest import add_metadata, now_ms

__all__ = ["ROUTES"]

_TASK = "/flows/{flow_id}/runs/{run_number}/steps/{step_name}/tasks/{task_id}"


async def all_metadata(request: Request) -> Response:
    """Metadata of a task, or of all tasks of a run; ``field_name`` may say which."""
    flow, run_id = flow_run(request)
    page = page_asked(request)

    async def work(transaction: Transaction) -> list[Row]:
        run = await find_run(transaction, flow, run_id)
        if run is None:
            return []
        query = Query()
        query.where("metadata.run = {}", run["id"])
        if task_id := request.path_params.get("task_id"):
            query.where("step_name = {} AND task_id = {}", request.path_params["step_name"], task_id)
        add_conditions(query, request.query_params.multi_items(), METADATA_FIELDS)
        order = paged(query, "metadata", "id", page)
        return list(await transaction.fetch(query.text("SELECT * FROM metadata", order), *query.values))

    rows = await request.app.state.database.read(work)
    following = {"X-Next-Cursor": "{0}:{0}".format(rows[page.limit - 1]["id"])} if len(rows) > page.limit else None
    return answer([metadatum_view(row, flow, run_id) for row in _once(rows[: page.limit])], headers=following)


def _once(rows: list[Row]) -> list[Row]:
    # What an attempt of FlowKit's says is said of its task, too.
    said: dict[tuple[object, ...], Row] = {}
    kept: list[Row] = []
    for row in rows:
        key = (row["step_name"], row["task_id"], row["field_name"], row["value"], row["tags"], row["ts_epoch"])
        if row["source"] == 0 or key not in said:
            kept.append(row)
        if row["source"]:
            said[key] = row
    return kept


async def create_metadata(request: Request) -> Response:
    """Record metadata of a task."""
    flow, run_id = flow_run(request)
    step, task_id = request.path_params["step_name"], request.path_params["task_id"]
    entries = await items_of(request)

    async def work(transaction: Transaction) -> int | None:
        task = await find_task(transaction, flow, run_id, step, task_id)
        return None if task is None else await add_metadata(transaction, task, entries, now_ms())

    created = await request.app.state.database.write(work)
    if created is None:
        return failure(400, f"no task {flow}/{run_id}/{step}/{task_id}: record it first")
    return answer({"metadata_created": created})


ROUTES = [
    Route(f"{_TASK}/metadata", all_metadata),
    Route(f"{_TASK}/metadata", create_metadata, methods=["POST"]),
    Route("/flows/{flow_id}/runs/{run_number}/metadata", all_metadata),
]
