"""Artifacts of tasks: where they are, not what they hold."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowkit_service.server.listing_query import ARTIFACT_FIELDS, add_conditions, page_asked
from flowkit_service.server.responses import BadRequest, answer, failure, flow_run, items_of
from flowkit_service.server.views import artifact_view
from flowkit_service.storage.database import Row, Transaction
from flowkit_service.storage.listing import find_run, find_task
from flowkit_service.storage.query import Query, paged
from flowkit_service.storage.rest import add_artifacts, now_ms

__all__ = ["ROUTES"]

_RUN = "/flows/{flow_id}/runs/{run_number}"
_TASK = f"{_RUN}/steps/{{step_name}}/tasks/{{task_id}}"
# An attempt may lack what an earlier one had: its own artifacts count, and those of no other.
_OF_LATEST_ATTEMPT = (
    "artifacts.attempt_id = (SELECT MAX(attempt_id) FROM artifacts AS others WHERE others.run = artifacts.run "
    "AND others.step_name = artifacts.step_name AND others.task_id = artifacts.task_id)"
)


def _attempt(request: Request) -> int | None:
    text = request.path_params.get("attempt_id")
    if text is None:
        return None
    if not text.isdecimal():
        raise BadRequest(f"an attempt is a number, and {text!r} isn't")
    return int(text)


async def _rows(request: Request) -> tuple[Row | None, list[Row]]:
    flow, run_id = flow_run(request)
    attempt = _attempt(request)
    page = page_asked(request)

    async def work(transaction: Transaction) -> tuple[Row | None, list[Row]]:
        run = await find_run(transaction, flow, run_id)
        if run is None:
            return None, []
        query = Query()
        query.where("artifacts.run = {}", run["id"])
        for name, column in (("step_name", "step_name"), ("task_id", "task_id"), ("artifact_name", "name")):
            if name in request.path_params:
                query.where(f"artifacts.{column} = {{}}", request.path_params[name])
        add_conditions(query, request.query_params.multi_items(), ARTIFACT_FIELDS)
        if attempt is None:
            query.where(_OF_LATEST_ATTEMPT)
        else:
            query.where("artifacts.attempt_id = {}", attempt)
        order = paged(query, "artifacts", "id", page)
        return run, list(await transaction.fetch(query.text("SELECT artifacts.* FROM artifacts", order), *query.values))

    found: tuple[Row | None, list[Row]] = await request.app.state.database.read(work)
    return found


async def all_artifacts(request: Request) -> Response:
    """Artifacts of a task, a step or a run: of one attempt, or of each task's latest."""
    page = page_asked(request)
    run, rows = await _rows(request)
    if run is None:
        return answer([])
    following = {"X-Next-Cursor": "{0}:{0}".format(rows[page.limit - 1]["id"])} if len(rows) > page.limit else None
    return answer([artifact_view(row, run) for row in rows[: page.limit]], headers=following)


async def one_artifact(request: Request) -> Response:
    """One artifact."""
    run, rows = await _rows(request)
    if run is None or not rows:
        return failure(404, f"no artifact {'/'.join(request.path_params.values())}")
    return answer(artifact_view(rows[0], run))


async def create_artifacts(request: Request) -> Response:
    """Record artifacts of a task."""
    flow, run_id = flow_run(request)
    step, task_id = request.path_params["step_name"], request.path_params["task_id"]
    entries = await items_of(request)

    async def work(transaction: Transaction) -> int | None:
        task = await find_task(transaction, flow, run_id, step, task_id)
        return None if task is None else await add_artifacts(transaction, task, entries, now_ms())

    created = await request.app.state.database.write(work)
    if created is None:
        return failure(400, f"no task {flow}/{run_id}/{step}/{task_id}: record it first")
    return answer({"artifacts_created": created})


ROUTES = [
    Route(f"{_TASK}/artifacts/{{artifact_name}}", one_artifact),
    Route(f"{_TASK}/artifacts/{{artifact_name}}/attempt/{{attempt_id}}", one_artifact),
    Route(f"{_TASK}/artifacts", all_artifacts),
    Route(f"{_TASK}/attempt/{{attempt_id}}/artifacts", all_artifacts),
    Route(f"{_RUN}/steps/{{step_name}}/artifacts", all_artifacts),
    Route(f"{_RUN}/artifacts", all_artifacts),
    Route(f"{_TASK}/artifact", create_artifacts, methods=["POST"]),
]
