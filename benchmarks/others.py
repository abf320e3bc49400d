"""Prefect and Dagster for the same small flows. What they isolate differs, so it is said beside the figures."""

from __future__ import annotations

import http.client
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

import attrs
from environments import HERE, Tool, dagster, prefect
from workspace import Workspace

__all__ = ["ISOLATION", "Figure", "measured"]

#: What is measured, as (name, how many tasks in the foreach; None for hello).
HELLO, FOREACH, FEW = "hello, 3 steps", "foreach of {:,}, 2 workers", 100
WORKERS = ("--max-workers", "2", "--max-num-splits", "100000")
ISOLATION = {
    "FlowKit": "each task is a process of its own; all artifacts, logs and metadata are stored",
    "Prefect, threads": (
        "tasks are threads of one process: a crash, a leak or a changed global is everybody's; results stay in "
        "memory and aren't stored; states go to its server, which ran already"
    ),
    "Dagster, one process": "tasks run one after another in one process, with nothing between them; outputs are stored",
    "Dagster, processes": "each task is a fresh interpreter; outputs are stored",
}
#: Environment variables that keep each tool on this machine and quiet.
VARIABLES = {
    "prefect": {
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_UI_ENABLED": "false",
    },
    "dagster": {"DAGSTER_DISABLE_TELEMETRY": "yes"},
}


@attrs.frozen
class Figure:
    """Seconds of one piece of work by one tool; ``seconds`` is None where it couldn't be measured, for ``reason``."""

    work: str
    tool: str
    seconds: float | None
    reason: str = ""


@attrs.frozen
class Program:
    """A tool and how it runs."""

    name: str
    tool: Callable[[], Tool]
    #: The size of each foreach, and whether hello is run.
    sizes: Sequence[int]
    hello: bool
    processes: bool = False


def measured(own: Workspace, scale: float, only: str | None) -> list[Figure]:
    """All, FlowKit among them; or nothing where ``only`` names other rows."""
    if only is not None and only not in "hello foreach prefect dagster":
        return []
    many = int(1000 * scale)
    few = int(FEW * scale)
    figures = list(_flowkit(own, many, few))
    for program in (
        Program("Prefect, threads", prefect, (many,), hello=True),
        Program("Dagster, one process", dagster, (many,), hello=True),
        Program("Dagster, processes", dagster, (few,), hello=False, processes=True),
    ):
        reason = ""
        try:
            figures += _measure(program)
        except subprocess.CalledProcessError:
            reason = "it couldn't be installed from the package index"
        except (OSError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
        if reason:
            sys.stderr.write(f"{program.name} wasn't measured: {reason}\n")
            figures.append(Figure("", program.name, None, reason))
    return figures


def _flowkit(own: Workspace, many: int, few: int) -> Iterator[Figure]:
    own.python("hello.py", "run")
    hello = statistics.median(own.python("hello.py", "run").seconds for _ in range(3))
    yield Figure(HELLO, "FlowKit", hello)
    for tasks in (many, few):
        seconds = own.python("foreach.py", "run", *WORKERS, env={"BENCH_TASKS": str(tasks)}).seconds
        yield Figure(FOREACH.format(tasks), "FlowKit", seconds)


def _measure(program: Program) -> list[Figure]:
    tool = program.tool()
    workspace = Workspace.make(tool)
    for file in (HERE / "flows" / "others").glob(f"{tool.name}_*.py"):
        (workspace.path / file.name).write_text(file.read_text())
    variables = {**VARIABLES[tool.name], f"{tool.prefix}_HOME": str(workspace.path)}
    (workspace.path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")

    def seconds(file: str, expected: str, **more: str) -> float:
        finished = workspace.python(file, env={**variables, **more})
        if finished.stdout.split("\n")[-2:] != [expected, ""]:
            raise RuntimeError(f"{file} printed {finished.stdout[-100:]!r} and not {expected!r}")
        sys.stderr.write(f"{program.name}, {file}: {finished.seconds:.2f} s\n")
        return finished.seconds

    def foreach(tasks: int) -> float:
        total = str(sum(number * number for number in range(tasks)))
        more = {"BENCH_TASKS": str(tasks), "BENCH_PROCESSES": "1" if program.processes else "0"}
        return seconds(f"{tool.name}_foreach.py", total, **more)

    try:
        with _prefect_server(tool, workspace, variables) if tool.name == "prefect" else nullcontext():
            found = []
            if program.hello:
                took = [seconds(f"{tool.name}_hello.py", "hello again") for _ in range(4)]
                found.append(Figure(HELLO, program.name, statistics.median(took[1:])))
            return found + [Figure(FOREACH.format(size), program.name, foreach(size)) for size in program.sizes]
    finally:
        workspace.remove()


@contextmanager
def _prefect_server(tool: Tool, workspace: Workspace, variables: dict[str, str]) -> Iterator[None]:
    """Prefect's server of this machine. Without one each run starts its own, which takes seconds more."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [tool.python, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-services"],
        cwd=workspace.path,
        env={**tool.variables(workspace.path), **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        variables["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
        yield
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/api/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise RuntimeError("Prefect's server didn't start")
