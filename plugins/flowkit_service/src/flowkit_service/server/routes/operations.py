"""FlowKit's own operations: those of its MetadataProvider, by name, each one transaction.

``POST /flowkit/v1/OPERATION`` with its arguments as a JSON object; the answer is ``{"result": …}``.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowkit.plugin import NotFound, RunFilter, TagError, TaskFilter
from flowkit_service.documents import KINDS, document_of, filter_of, page_of, read_document
from flowkit_service.protocol import EXTENSION_PATH
from flowkit_service.server.responses import BadRequest, Written, answer, answer_with_result, body_of, failure
from flowkit_service.storage import listing, reading, tags, writing
from flowkit_service.storage.database import Database, Transaction
from flowkit_service.storage.deleting import delete
from flowkit_service.storage.flows import flows_with_runs
from flowkit_service.storage.repeats import is_new

__all__ = ["OPERATIONS", "ROUTES"]

Arguments = Mapping[str, Any]
Operation = Callable[[Database, Arguments], Awaitable[Any]]


async def write(database: Database, given: Arguments) -> None:
    """Record changes."""
    changes = [read_document(KINDS[kind], document) for kind, document in given["changes"]]

    async def work(transaction: Transaction) -> None:
        if await is_new(transaction, given):
            await writing.apply(transaction, changes)

    await database.write(work)


async def create_run(database: Database, given: Arguments) -> bool:
    """Record a run if its id is free."""
    run = read_document(KINDS["run"], given["run"])
    token = given.get("token")

    async def work(transaction: Transaction) -> bool:
        do = writing.create_run if await is_new(transaction, given) else writing.was_created
        return await do(transaction, run, token)

    return await database.write(work)


async def heartbeat(database: Database, given: Arguments) -> None:
    """Record a sign of life."""
    statement = "UPDATE runs SET heartbeat_at = $1 WHERE flow_id = $2 AND run_id = $3 AND status = 'running'"
    values = (float(given["at"]), given["flow"], given["run_id"])

    async def work(transaction: Transaction) -> None:
        if await is_new(transaction, given):
            await transaction.execute(statement, *values)

    await database.write(work)


async def mutate_tags(database: Database, given: Arguments) -> Any:
    """Change a run's tags."""

    async def work(transaction: Transaction) -> Any:
        add, remove = (given["add"], given["remove"]) if await is_new(transaction, given) else ((), ())
        return await tags.mutate_tags(transaction, given["flow"], given["run_id"], add=add, remove=remove)

    return document_of(reading.run_of(await database.write(work)))


async def delete_run(database: Database, given: Arguments) -> bool:
    """Remove a run's records; what was asked a moment ago, and is asked again, was done."""

    async def work(transaction: Transaction) -> bool:
        return not await is_new(transaction, given) or await delete(transaction, given["flow"], given["run_id"])

    return await database.write(work)


async def flows(database: Database, given: Arguments) -> list[str]:
    """Names of flows that have runs."""
    return await database.read(flows_with_runs)


async def run(database: Database, given: Arguments) -> Any:
    """One run."""
    row = await database.read(lambda transaction: listing.find_run(transaction, given["flow"], given["run_id"]))
    return None if row is None else document_of(reading.run_of(row))


async def runs(database: Database, given: Arguments) -> Any:
    """A page of runs: of one flow, or of all."""
    query = listing.run_query(given.get("flow"), filter_of(RunFilter, given.get("where")))
    page = page_of(given.get("page"))
    found = await database.read(lambda transaction: listing.list_runs(transaction, query, page))
    return {"items": [document_of(reading.run_of(row)) for row in found.rows], "next": found.next}


async def steps(database: Database, given: Arguments) -> Any:
    """Steps of a run."""
    found = await database.read(lambda transaction: reading.steps_of(transaction, given["flow"], given["run_id"]))
    return [document_of(one) for one in found]


async def task(database: Database, given: Arguments) -> Any:
    """One task."""
    identity = (given["flow"], given["run_id"], given["step"], given["task_id"])

    async def work(transaction: Any) -> Any:
        row = await listing.find_task(transaction, *identity)
        return None if row is None else (await reading.tasks_of(transaction, [row]))[0]

    found = await database.read(work)
    return None if found is None else document_of(found)


async def tasks(database: Database, given: Arguments) -> Any:
    """A page of tasks."""
    query = _task_query(given)
    page = page_of(given.get("page"))

    async def work(transaction: Any) -> Any:
        found = await listing.list_tasks(transaction, query, page)
        return await reading.task_texts(transaction, found.rows), found.next

    found, following = await database.read(work)
    return Written(f'{{"items":[{",".join(found)}],"next":{json.dumps(following)}}}')


async def count_tasks(database: Database, given: Arguments) -> int:
    """How many tasks match."""
    query = _task_query(given)
    return await database.read(lambda transaction: listing.count_tasks(transaction, query))


async def attempts(database: Database, given: Arguments) -> Any:
    """Attempts of a task."""
    identity = (given["flow"], given["run_id"], given["step"], given["task_id"])
    found = await database.read(lambda transaction: reading.attempts_of(transaction, *identity))
    return [document_of(one) for one in found]


def _task_query(given: Arguments) -> Any:
    query = listing.task_query(given["flow"], given["run_id"], filter_of(TaskFilter, given.get("where")))
    # Facts of a run, which Metaflow's client keeps as a task.
    query.conditions.append("substr(tasks.step_name, 1, 1) <> '_'")
    return query


#: By the name in the path.
OPERATIONS: Mapping[str, Operation] = {
    "write": write,
    "create_run": create_run,
    "heartbeat": heartbeat,
    "mutate_tags": mutate_tags,
    "delete_run": delete_run,
    "flows": flows,
    "run": run,
    "runs": runs,
    "steps": steps,
    "task": task,
    "tasks": tasks,
    "count_tasks": count_tasks,
    "attempts": attempts,
}


async def call(request: Request) -> Response:
    """Do one operation."""
    name = request.path_params["operation"]
    operation = OPERATIONS.get(name)
    if operation is None:
        return failure(404, f"no operation {name!r}; there are {', '.join(OPERATIONS)}", "UnknownOperation")
    given = await body_of(request)
    try:
        result = await operation(request.app.state.database, given)
        return answer_with_result(result) if isinstance(result, Written) else answer({"result": result})
    except TagError as error:
        return failure(422, error.message, "TagError")
    except NotFound as error:
        return failure(404, error.message, "NotFound")
    except (KeyError, TypeError) as error:
        raise BadRequest(f"{name} can't be done with what was given: {type(error).__name__}: {error}") from error


ROUTES = [Route(f"{EXTENSION_PATH}/{{operation}}", call, methods=["POST"])]
