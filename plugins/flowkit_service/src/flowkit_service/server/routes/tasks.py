"""Tasks and their heartbeats."""

from __future__ import annotations

import re
import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowkit.plugin import TaskFilter
from flowkit_service.server.listing_query import TASK_FIELDS, add_conditions, page_asked
from flowkit_service.server.responses import BadRequest, answer, body_of, failure, flow_run
from flowkit_service.server.routes.runs import beaten
from flowkit_service.server.views import task_view
from flowkit_service.storage.database import Row, Transaction
from flowkit_service.storage.listing import RowPage, find_run, find_task, list_tasks, task_query
from flowkit_service.storage.query import Query
from flowkit_service.storage.rest import add_task, beat, find_step, now_ms

__all__ = ["ROUTES"]

_STEP = "/flows/{flow_id}/runs/{run_number}/steps/{step_name}"


async def all_tasks(request: Request) -> Response:
    """Tasks of a step, or of all steps of a run."""
    flow, run_id = flow_run(request)
    query = task_query(flow, run_id, TaskFilter(step=request.path_params.get("step_name")))
    add_conditions(query, request.query_params.multi_items(), TASK_FIELDS)
    page = page_asked(request)

    async def work(transaction: Transaction) -> tuple[Row | None, RowPage]:
        return await find_run(transaction, flow, run_id), await list_tasks(transaction, query, page)

    run, found = await request.app.state.database.read(work)
    following = {"X-Next-Cursor": found.next} if found.next else None
    return answer([task_view(row, run) for row in found.rows], headers=following)


async def tasks_by_metadata(request: Request) -> Response:
    """Pathspecs of the tasks of a step that have a field, or a value that a regular expression finds, or both."""
    flow, run_id = flow_run(request)
    step = request.path_params["step_name"]
    field, pattern = request.query_params.get("metadata_field_name"), request.query_params.get("pattern")
    query = Query()
    query.where("run = (SELECT id FROM runs WHERE flow_id = {} AND run_id = {})", flow, run_id)
    query.where("step_name = {}", step)
    if field:
        query.where("field_name = {}", field)
    if pattern:
        try:
            re.compile(pattern)
        except re.error as error:
            raise BadRequest(f"{pattern!r} is no regular expression: {error}") from None
        is_postgresql = request.app.state.database.dialect == "postgresql"
        query.where("value ~ {}" if is_postgresql else "regexp({}, value)", pattern)
    statement = query.text("SELECT task_id, MIN(id) AS first FROM metadata", " GROUP BY task_id ORDER BY first")
    rows = await request.app.state.database.read(lambda transaction: transaction.fetch(statement, *query.values))
    return answer([f"{flow}/{run_id}/{step}/{row['task_id']}" for row in rows])


async def one_task(request: Request) -> Response:
    """One task."""
    flow, run_id = flow_run(request)
    step, task_id = request.path_params["step_name"], request.path_params["task_id"]

    async def work(transaction: Transaction) -> tuple[Row | None, Row | None]:
        return await find_run(transaction, flow, run_id), await find_task(transaction, flow, run_id, step, task_id)

    run, row = await request.app.state.database.read(work)
    if run is None or row is None:
        return failure(404, f"no task {flow}/{run_id}/{step}/{task_id}")
    return answer(task_view(row, run))


async def create_task(request: Request) -> Response:
    """Record a task, under its name, or under a number if it has none."""
    flow, run_id = flow_run(request)
    step = request.path_params["step_name"]
    body = await body_of(request)
    task_id = body.get("task_id")
    if task_id is not None and (not isinstance(task_id, str) or task_id.isnumeric() or not task_id):
        raise BadRequest("task_id is a name, and no number: the service numbers tasks that have no name itself")

    async def work(transaction: Transaction) -> tuple[Row | None, Row | None]:
        run = await find_run(transaction, flow, run_id)
        if run is None or await find_step(transaction, flow, run_id, step) is None:
            return None, None
        return run, await add_task(transaction, run["id"], step, task_id, body.get("user_name"), now_ms())

    run, row = await request.app.state.database.write(work)
    if run is None:
        return failure(404, f"no step {flow}/{run_id}/{step}: record it first")
    if row is None:
        return failure(409, f"the task {flow}/{run_id}/{step}/{task_id} is there already")
    return answer(task_view(row, run))


async def heartbeat(request: Request) -> Response:
    """A sign of life of a task, and so of its run."""
    flow, run_id = flow_run(request)
    task = (request.path_params["step_name"], request.path_params["task_id"])
    found = await request.app.state.database.write(
        lambda transaction: beat(transaction, flow, run_id, task, time.time())
    )
    return beaten(found, f"{flow}/{run_id}/{'/'.join(task)}")


ROUTES = [
    Route(f"{_STEP}/tasks", all_tasks),
    Route(f"{_STEP}/filtered_tasks", tasks_by_metadata),
    Route(f"{_STEP}/tasks/{{task_id}}", one_task),
    Route(f"{_STEP}/task", create_task, methods=["POST"]),
    Route(f"{_STEP}/tasks/{{task_id}}/heartbeat", heartbeat, methods=["POST"]),
    # Not in Netflix's service: tasks of all steps.
    Route("/flows/{flow_id}/runs/{run_number}/tasks", all_tasks),
]
