"""Data tools for S3 beside Metaflow's, on one server: many small files, and a large one, each way.

    python benchmarks/data_tools.py                         2,000 files of 100 KB, one of 1 GB
    python benchmarks/data_tools.py --files 200 --large 64  a quick look

The server is moto's, on this machine, so that its own limit counts: it is measured beside, by plain HTTP from 16
threads. Each figure is a process of its own, the median of three after one that isn't counted, the tools in turn; what
takes over a minute is measured once. Memory is the process's VmHWM.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from urllib.parse import urlsplit

import environments
from machine import describe

KB, MB = 1000, 1000 * 1000
ROUNDS = 3
#: Seconds above which one run has to do.
LONG = 60
BUCKET = "bench"
#: What is run by each tool: PREFIX is FLOWKIT or METAFLOW.
WORKER = """
import hashlib, json, os, sys, time
from {package} import S3

files, size, large, folder, what = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
block = os.urandom(size + files)
path = os.path.join(folder, "large")
keys = [f"{{number:05}}" for number in range(files)]

def values():
    for number, key in enumerate(keys):
        yield key, block[number : number + size]

def digest(paths):
    found = hashlib.sha256()
    for one in paths:
        with open(one, "rb") as file:
            while piece := file.read(1 << 20):
                found.update(piece)
    return found.hexdigest()

checked = None
with S3(s3root="s3://{bucket}/{package}", tmproot=folder) as s3:
    began = time.perf_counter()
    if what == "put_many":
        s3.put_many(values())
    elif what == "get_many":
        found = s3.get_many(keys)
    elif what == "put large":
        s3.put_files([("large", path)])
    elif what == "get large":
        found = [s3.get("large")]
    seconds = time.perf_counter() - began
    if what.startswith("get"):
        assert all(one.size == (size if what == "get_many" else large) for one in found)
        checked = digest(one.path for one in found) if what == "get large" else None
memory = next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]
print(json.dumps({{"seconds": seconds, "memory": int(memory) / 1000, "digest": checked}}))
"""


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--size", type=int, default=100, help="of a small file, in KB")
    parser.add_argument("--large", type=int, default=1000, help="of the large one, in MB")
    parser.add_argument("--metaflow", type=Path, help="an interpreter that has it, in place of one made for this")
    parser.add_argument("--without-metaflow", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name, server(Path(name)) as address:
        folder = Path(name)
        write_large(folder / "large", options.large * MB)
        tools = [environments.flowkit()]
        if not options.without_metaflow:
            given = options.metaflow
            tools.append(environments.Tool("metaflow", given, "METAFLOW") if given else environments.metaflow())
        rows = {
            what: in_turn(tools, what, options, address, folder)
            for what in ("put_many", "get_many", "put large", "get large")
        }
        limits = server_limits(address, options, folder)
        check_digests(rows, folder / "large")
    print_table(rows, limits, options)
    return 0


def in_turn(
    tools: list[environments.Tool], what: str, options: argparse.Namespace, address: str, folder: Path
) -> dict[str, dict[str, float]]:
    """The median run of each tool: the server, whose memory grows at first, is the same for all."""
    first = {tool.name: measure(tool, what, options, address, folder) for tool in tools}
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in first}
    for _ in range(ROUNDS):
        for tool in tools:
            if first[tool.name]["seconds"] < LONG:
                runs[tool.name].append(measure(tool, what, options, address, folder))
    return {
        name: sorted(found, key=itemgetter("seconds"))[len(found) // 2] if found else first[name]
        for name, found in runs.items()
    }


def measure(
    tool: environments.Tool, what: str, options: argparse.Namespace, address: str, folder: Path
) -> dict[str, float]:
    """Seconds and MB of memory of one piece of work in a process of its own."""
    package = tool.name
    variables = tool.variables(folder / f"home-{package}")
    variables |= {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        f"{tool.prefix}_S3_ENDPOINT_URL": address,
    }
    source = WORKER.format(package=package, bucket=BUCKET)
    arguments = [str(options.files), str(options.size * KB), str(options.large * MB), str(folder), what]
    done = subprocess.run(
        [str(tool.python), "-c", source, *arguments], env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{tool.name}, {what}: {done.stderr}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def server_limits(address: str, options: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Seconds of the same work by plain HTTP, with addresses signed beforehand and nothing kept, from 16 threads."""
    import boto3

    keys = {"aws_access_key_id": "bench", "aws_secret_access_key": "bench", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=address, **keys)

    def sign(operation: str, key: str) -> str:
        return str(client.generate_presigned_url(operation, {"Bucket": BUCKET, "Key": key}))

    small = os.urandom(options.size * KB)
    part = 16 * 1024 * 1024
    whole = options.large * MB
    large = (folder / "large").read_bytes()[:part]
    names = [f"limit/{number}" for number in range(options.files)]
    starts = range(0, whole, part)
    source = sign("get_object", "flowkit/large")
    return {
        "put_many": at_once([("PUT", sign("put_object", name), small, {}) for name in names]),
        "get_many": at_once([("GET", sign("get_object", name), None, {}) for name in names]),
        "put large": at_once([("PUT", sign("put_object", f"part/{start}"), large, {}) for start in starts]),
        "get large": at_once(
            [("GET", source, None, {"Range": f"bytes={start}-{min(start + part, whole) - 1}"}) for start in starts]
        ),
    }


def at_once(requests: list[tuple[str, str, bytes | None, dict[str, str]]]) -> float:
    """Send requests from 16 threads, each over one connection; seconds in all."""

    def work(mine: list[tuple[str, str, bytes | None, dict[str, str]]]) -> None:
        connection = http.client.HTTPConnection(urlsplit(requests[0][1]).netloc)
        for method, url, body, headers in mine:
            parts = urlsplit(url)
            connection.request(method, f"{parts.path}?{parts.query}", body, headers)
            answer = connection.getresponse()
            while answer.read(1 << 20):
                continue
            if answer.status >= 400:
                raise SystemExit(f"{method} {url}: {answer.status}")
        connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, [requests[index::16] for index in range(min(16, len(requests)))]))
    return time.perf_counter() - began


def write_large(path: Path, size: int) -> None:
    """A file of random bytes."""
    with path.open("wb") as file:
        for start in range(0, size, MB):
            file.write(os.urandom(min(MB, size - start)))


def check_digests(rows: dict[str, dict[str, dict[str, float]]], path: Path) -> None:
    """What was fetched is what was stored."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    for name, result in rows["get large"].items():
        if result["digest"] != digest.hexdigest():
            raise SystemExit(f"{name} fetched other bytes than were stored")


def print_table(
    rows: dict[str, dict[str, dict[str, float]]], limits: dict[str, float], options: argparse.Namespace
) -> None:
    """As Markdown."""
    names = {
        "put_many": f"`put_many`, {options.files:,} files of {options.size} KB",
        "get_many": f"`get_many`, {options.files:,} files of {options.size} KB",
        "put large": f"`put_files`, one of {options.large:,} MB",
        "get large": f"`get`, one of {options.large:,} MB",
    }
    print(f"{describe()}; {time.strftime('%Y-%m-%d')}; load before: {os.getloadavg()[0]:.1f}\n")
    print("| work | FlowKit | Metaflow | times | the server itself | memory, FlowKit | Metaflow |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for what, results in rows.items():
        own, other = results["flowkit"], results.get("metaflow")
        seconds = f"{other['seconds']:.2f} s | {other['seconds'] / own['seconds']:.1f}" if other else " | "
        memory = f"{other['memory']:.0f} MB" if other else ""
        print(
            f"| {names[what]} | {own['seconds']:.2f} s | {seconds} | {limits[what]:.2f} s | {own['memory']:.0f} MB | "
            f"{memory} |"
        )
    print("\nMemory is that of the calling process; Metaflow's tool starts others.")
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000
    print(f"The largest process of all, the server included, took {children:.0f} MB.")


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """moto's server with an empty bucket."""
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    from support.servers.moto import serve_moto

    with serve_moto(folder) as address:
        connection = http.client.HTTPConnection(urlsplit(address).netloc)
        connection.request("PUT", f"/{BUCKET}")
        connection.getresponse().read()
        connection.close()
        yield address


if __name__ == "__main__":
    sys.exit(main())
