"""What this machine can do at best: the floor that figures stand on."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

__all__ = ["describe", "floors"]


def describe() -> str:
    """Processors, memory, system and Python."""
    with open("/proc/meminfo") as file:
        memory = int(next(line for line in file if line.startswith("MemTotal")).split()[1]) / 2**20
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def floors() -> dict[str, str]:
    """Measured now: a fork, an interpreter, hashing, copying, writing."""
    import blake3

    # First, while this process is small: a fork copies its page tables.
    starts = {
        "fork, exit and wait": f"{1000 * _median(_fork, 50):.1f} ms",
        "a bare interpreter": f"{1000 * _median(_interpreter, 10):.1f} ms",
    }
    block = os.urandom(2**20) * 256
    gib = len(block) / 2**30

    def hashing() -> None:
        blake3.blake3(block, max_threads=blake3.blake3.AUTO).digest()

    copy = memoryview(bytearray(block))

    def copying() -> None:
        copy[:] = block

    def writing() -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.write(block)

    return {
        **starts,
        "hashing (BLAKE3)": f"{gib / _median(hashing, 5):.1f} GB/s",
        "copying in memory": f"{gib / _median(copying, 5):.1f} GB/s",
        "writing a new file": f"{gib / _median(writing, 5):.1f} GB/s",
    }


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _interpreter() -> None:
    subprocess.run([sys.executable, "-I", "-S", "-c", ""], check=True)


def _median(call: Callable[[], None], times: int) -> float:
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)
