"""Measures flowkit-service: records that many clients write at once, and a long list that is read in pages.

``python benchmarks/service.py`` starts PostgreSQL and the service on this machine, with the clients beside them, and
prints a table. ``--sqlite`` takes SQLite in PostgreSQL's place.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from statistics import median
from typing import Any

import attrs

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from flowkit.plugin import AttemptRecord, Metadatum, Page, RunRecord, TaskFilter, TaskRecord
from flowkit_service.client.endpoint import Endpoint
from flowkit_service.client.provider import ServiceMetadata
from flowkit_service.client.transport import Transport
from support.servers.postgresql import serve_postgresql

TASKS = 10_000
PAGE = 1_000
FIELDS = 10


@attrs.frozen
class Measured:
    """What one client, or all of them, did."""

    records: int
    #: Of each request.
    seconds: Sequence[float]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--sqlite", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = nullcontext(f"{folder}/service.db") if given.sqlite else serve_postgresql(Path(folder))
        with where as database, service(database, Path(folder)) as endpoint:
            print(f"{'SQLite' if given.sqlite else 'PostgreSQL'}, {given.clients} clients, {os.cpu_count()} cores")
            print(f"{'':44}{'records/s':>10}{'requests/s':>11}{'p50 ms':>8}{'p99 ms':>8}")
            for name, work in (
                ("metadata over REST, 1 record a request", post_one),
                (f"metadata over REST, {FIELDS} records a request", post_some),
                (f"FlowKit's tasks with {FIELDS} fields, 1 a request", write_task),
            ):
                show(name, *at_once(work, endpoint, given.clients, given.seconds))
            pages(endpoint)


def show(name: str, all_of: Measured, elapsed: float) -> None:
    """A line of the table."""
    ordered = sorted(all_of.seconds)
    print(
        f"{name:44}{all_of.records / elapsed:10.0f}{len(ordered) / elapsed:11.0f}"
        f"{median(ordered) * 1000:8.1f}{ordered[int(len(ordered) * 0.99)] * 1000:8.1f}"
    )


@contextmanager
def service(database: str, folder: Path) -> Iterator[Endpoint]:
    """A service over a database."""
    token = folder / "token"
    token.write_text("benchmark")
    program = [sys.executable, str(Path(sysconfig.get_path("scripts")) / "flowkit"), "service", "up"]
    options = ["--port", "0", "--token-file", str(token), "--database", database]
    environment = {**os.environ, "FLOWKIT_HOME": str(folder / "home")}
    process = subprocess.Popen([*program, *options], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip().partition("=")[2]
        yield Endpoint(url, {"x-api-key": "benchmark"})
    finally:
        process.terminate()
        process.wait()


# --- writing ------------------------------------------------------------------------------------------------------


def at_once(
    work: Callable[[Endpoint, str, float], Measured], endpoint: Endpoint, clients: int, seconds: float
) -> tuple[Measured, float]:
    """What processes that all do ``work`` did together, and the seconds that they took."""
    context = multiprocessing.get_context("fork")
    queue: Any = context.Queue()
    barrier = context.Barrier(clients + 1)

    def client(number: int) -> None:
        barrier.wait()
        queue.put(work(endpoint, f"{work.__name__}-{number}", seconds))

    processes = [context.Process(target=client, args=(number,)) for number in range(clients)]
    for process in processes:
        process.start()
    barrier.wait()
    began = time.perf_counter()
    measured = [queue.get() for _ in processes]
    elapsed = time.perf_counter() - began
    for process in processes:
        process.join()
    return Measured(sum(one.records for one in measured), [each for one in measured for each in one.seconds]), elapsed


def post_one(endpoint: Endpoint, name: str, seconds: float) -> Measured:
    """Say one field of a task after the other."""
    return _post(endpoint, name, seconds, 1)


def post_some(endpoint: Endpoint, name: str, seconds: float) -> Measured:
    """Say several fields of a task at once, as Metaflow's client does."""
    return _post(endpoint, name, seconds, FIELDS)


def _post(endpoint: Endpoint, name: str, seconds: float, count: int) -> Measured:
    transport = Transport(endpoint, 30)
    transport.request("POST", f"/flows/{name}", {})
    run = transport.request("POST", f"/flows/{name}/run", {}).body["run_number"]
    step = f"/flows/{name}/runs/{run}/steps/start"
    transport.request("POST", f"{step}/step", {})
    task = transport.request("POST", f"{step}/task", {}).body["task_id"]
    entries = [
        {"field_name": f"field-{number}", "value": "some value", "type": "text", "tags": ["attempt_id:0"]}
        for number in range(count)
    ]

    def once(_: int) -> int:
        answer = transport.request("POST", f"{step}/tasks/{task}/metadata", entries)
        assert answer.body == {"metadata_created": count}, answer
        return count

    return _for_seconds(once, seconds)


def write_task(endpoint: Endpoint, name: str, seconds: float) -> Measured:
    """Record a task and its attempt when it has ended, as a run of FlowKit does."""
    provider = ServiceMetadata(endpoint, read_only=False)
    provider.create_run(RunRecord(name, "1", "ann", time.time()))

    def once(number: int) -> int:
        provider.write(records(name, "1", number))
        return FIELDS

    measured = _for_seconds(once, seconds)
    provider.close()
    return measured


def records(flow: str, run_id: str, number: int) -> list[Any]:
    """A task that has ended."""
    now = time.time()
    metadata = tuple(Metadatum(f"field-{field}", "some value", "text", now) for field in range(FIELDS))
    task_id = str(number + 1)
    identity = (flow, run_id, "work", task_id)
    key = f"{flow}/runs/{run_id}/work/{task_id}/0.json"
    return [
        TaskRecord(
            *identity,
            created_at=now,
            ordinal=number + 1,
            status="succeeded",
            finished_at=now,
            manifest=key,
            index_path=str(number),
            frames=(("start", "1", "items", number, TASKS),),
            parents=("start/1",),
            metadata=metadata,
        ),
        AttemptRecord(*identity, 0, "succeeded", now, now, key, metadata=metadata),
    ]


def _for_seconds(once: Callable[[int], int], seconds: float) -> Measured:
    end = time.perf_counter() + seconds
    took: list[float] = []
    count = number = 0
    while (began := time.perf_counter()) < end:
        count += once(number)
        took.append(time.perf_counter() - began)
        number += 1
    return Measured(count, took)


# --- reading ------------------------------------------------------------------------------------------------------


def pages(endpoint: Endpoint) -> None:
    """Read a list of TASKS tasks in pages, some times over."""
    provider = ServiceMetadata(endpoint, read_only=False)
    provider.create_run(RunRecord("LongFlow", "1", "ann", time.time()))
    for first in range(0, TASKS, 500):
        provider.write([one for number in range(first, first + 500) for one in records("LongFlow", "1", number)])
    for name, read in (("FlowKit's records", _own_page), ("REST", _rest_page)):
        took: list[float] = []
        whole: list[float] = []
        for _ in range(5):
            began, after, found = time.perf_counter(), "", 0
            while True:
                start = time.perf_counter()
                count, after = read(provider, after)
                took.append(time.perf_counter() - start)
                found += count
                if not after:
                    break
            whole.append(time.perf_counter() - began)
            assert found == TASKS, found
        took.sort()
        print(
            f"{TASKS:,} tasks in pages of {PAGE:,} ({name}): {median(whole) * 1000:.0f} ms; a page p50 "
            f"{median(took) * 1000:.1f} ms, p99 {took[int(len(took) * 0.99)] * 1000:.1f} ms"
        )
    provider.close()


def _own_page(provider: ServiceMetadata, after: str) -> tuple[int, str]:
    part = provider.tasks("LongFlow", "1", TaskFilter(), Page(PAGE, after or None))
    return len(part.items), part.next or ""


def _rest_page(provider: ServiceMetadata, after: str) -> tuple[int, str]:
    path = f"/flows/LongFlow/runs/1/tasks?_limit={PAGE}" + (f"&_cursor={after}" if after else "")
    answer = provider._transport.request("GET", path)
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return len(answer.body), headers.get("x-next-cursor", "")


if __name__ == "__main__":
    main()
