"""FlowKit and Metaflow over the same S3 server: a foreach of 200, and 1 GB each way; Azure and Google for FlowKit.

    python benchmarks/remote.py                          all of it, and writes results-remote.md
    python benchmarks/remote.py --tasks 20 --mb 64       a quick look, printed only

The server is moto's, Azurite, or fake-gcs-server, on this machine, so that its own limit counts: it is measured beside
by plain HTTP, of the same bytes in the same parts, as many at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import attrs
import environments
from machine import describe
from remote_services import PARTS, S3, AzureBlob, GoogleStorage, Service, serving
from workspace import Workspace

TASKS, MB = 200, 1000
WORKERS = ("--max-workers", "2", "--max-num-splits", "1000")


@attrs.frozen
class Foreach:
    """One run of the foreach."""

    seconds: float
    #: Of the run's tasks, per task.
    requests: float
    total: object


@attrs.frozen
class Moved:
    """An array saved and loaded."""

    service: str
    tool: str
    saving: float
    loading: float
    #: MB that the process took at most, from the end of the step's body; and from the beginning of the next one's.
    saving_peak: float
    loading_peak: float
    checksum: float
    #: Seconds by plain HTTP, each way.
    limits: tuple[float, float]


def main() -> int:
    """Measure, print, and write the results of full size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=TASKS)
    parser.add_argument("--mb", type=int, default=MB, help="of the array")
    parser.add_argument("--only", choices=("foreach", "array"))
    parser.add_argument("--metaflow", type=Path, help="an interpreter that has it, in place of one made for this")
    parser.add_argument("--without-metaflow", action="store_true")
    options = parser.parse_args()
    tools = [environments.flowkit()]
    if not options.without_metaflow:
        given = options.metaflow
        tools.append(environments.Tool("metaflow", given, "METAFLOW") if given else environments.metaflow())
    load = os.getloadavg()[0]
    parts = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        if options.only != "array":
            parts.append(foreach_table(measure_foreach(tools, options.tasks, Path(name)), options.tasks))
        if options.only != "foreach":
            parts.append(array_table(measure_arrays(tools, options.mb, Path(name)), options.mb))
    versions = ", ".join(f"{tool.name} {tool.version()}" for tool in tools)
    heading = f"{describe()}; {versions}; {time.strftime('%Y-%m-%d')}; load before: {load:.1f}.\n"
    text = "\n".join(["# Over a network\n", heading, *parts])
    print(text)
    if len(tools) == 2 and options.only is None and (options.tasks, options.mb) == (TASKS, MB):
        Path(__file__).with_name("results-remote.md").write_text(text)
    return 0


# --- a foreach -------------------------------------------------------------------------------------------------------


def measure_foreach(tools: Sequence[environments.Tool], tasks: int, folder: Path) -> dict[str, Foreach]:
    """Whole processes, each tool after a run of a few tasks that isn't counted."""
    results = {}
    with serving(S3, folder / "foreach") as service:
        for tool in tools:
            workspace = Workspace.make(tool)
            variables = service.variables(tool)
            try:
                workspace.python("foreach.py", "run", *WORKERS, env={**variables, "BENCH_TASKS": "3"})
                before = service.count()
                done = workspace.python("foreach.py", "run", *WORKERS, env={**variables, "BENCH_TASKS": str(tasks)})
                requests = service.count() - before
                left = workspace.python("results.py", "ForeachFlow", "total", env=variables).stdout
            finally:
                workspace.remove()
            # start, join and end are tasks too.
            results[tool.name] = Foreach(done.seconds, requests / (tasks + 3), json.loads(left))
    if len({json.dumps(result.total) for result in results.values()}) > 1:
        raise SystemExit(f"the two left different results: {results}")
    return results


def foreach_table(results: dict[str, Foreach], tasks: int) -> str:
    """As Markdown."""
    lines = [
        f"A foreach of {tasks} trivial tasks, 2 workers, artifacts on S3:\n",
        "| | seconds | times | requests per task |",
        "|---|---:|---:|---:|",
    ]
    own = results["flowkit"].seconds
    for name, result in results.items():
        lines.append(f"| {name} | {result.seconds:.2f} | {result.seconds / own:.1f} | {result.requests:.2f} |")
    return "\n".join(lines) + "\n\nRequests as the server's log has them, of the whole run.\n"


# --- an array --------------------------------------------------------------------------------------------------------


def measure_arrays(tools: Sequence[environments.Tool], megabytes: int, folder: Path) -> list[Moved]:
    """FlowKit on three services, Metaflow on S3."""
    results = []
    for kind in (S3, AzureBlob, GoogleStorage):
        with serving(kind, folder / kind.__name__) as service:
            limits = service.limits(memoryview(os.urandom(megabytes * 1000 * 1000)))
            for tool in tools:
                if tool.name == "flowkit" or kind is S3:
                    results.append(measure_array(tool, service, megabytes, limits))
    if len({result.checksum for result in results}) > 1:
        raise SystemExit(f"not all loaded the same array: {results}")
    return results


def measure_array(tool: environments.Tool, service: Service, megabytes: int, limits: tuple[float, float]) -> Moved:
    """Save an array in one task and load it in the next."""
    workspace = Workspace.make(tool)
    variables = {**service.variables(tool), "BENCH_FOLDER": str(workspace.path)}
    try:
        workspace.python("remote_array.py", "run", env={**variables, "BENCH_MB": str(megabytes)})
        found = workspace.python("results.py", "RemoteArrayFlow", "figures", env=variables).stdout
        figures = json.loads(found)["figures"]
        saved, loaded = (json.loads((workspace.path / name).read_text()) for name in ("saving", "loading"))
    finally:
        workspace.remove()
    return Moved(
        type(service).__name__,
        tool.name,
        saved["ended_at"] - figures["saving_from"],
        figures["loading"],
        saved["peak"],
        loaded["peak"],
        figures["checksum"],
        limits,
    )


def array_table(results: Sequence[Moved], megabytes: int) -> str:
    """As Markdown."""
    lines = [
        f"One random array of {megabytes:,} MB, saved by a task and loaded by the next:\n",
        "| | saved | the server itself | loaded | the server itself | memory, saving | memory, loading |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for each in results:
        lines.append(
            f"| {each.tool} on {each.service} | {each.saving:.2f} s | {each.limits[0]:.2f} s | {each.loading:.2f} s "
            f"| {each.limits[1]:.2f} s | {each.saving_peak:.0f} MB | {each.loading_peak:.0f} MB |"
        )
    return "\n".join(lines) + (
        f"\n\nSaved: from the end of the step's body to the end of its process. Loaded: the attribute's first access. "
        f"Memory: VmHWM, from the end of the saving body and the beginning of the loading one. The server itself: "
        f"plain HTTP, in parts of 16 MiB, {PARTS} at once, nothing hashed and nothing kept.\n"
    )


if __name__ == "__main__":
    sys.exit(main())
