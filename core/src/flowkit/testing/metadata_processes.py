"""What other processes do in tests of metadata providers. Module-level, so that a process can be given them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flowkit.interfaces.metadata_provider import MetadataProvider
from flowkit.testing.metadata_samples import a_run, some_tasks

__all__ = ["add_tags", "run_all", "swap_tags", "take_run_ids", "write_runs", "write_until_killed"]

#: Tasks in each transaction of :func:`write_until_killed`.
BATCH = 40


def run_all(target: Callable[..., None], arguments: Iterable[tuple[Any, ...]]) -> list[int]:
    """Call ``target`` once in a process of its own for each tuple, all at once; returns the exit codes."""
    # Forking is how tasks get their processes, too.
    context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    processes = [context.Process(target=target, args=one) for one in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    codes = [int(process.exitcode) for process in processes]
    for process in processes:
        process.close()
    return codes


def add_tags(kind: type[MetadataProvider], location: str, name: str, count: int) -> None:
    """Add ``count`` tags, each by itself."""
    provider = kind.open(location)
    for number in range(count):
        provider.mutate_tags("TestFlow", "1", add=[f"{name}-{number}"])
    provider.close()


def swap_tags(kind: type[MetadataProvider], location: str, name: str, count: int) -> None:
    """Replace one's own tag by the next, again and again: there is exactly one at any time."""
    provider = kind.open(location)
    provider.mutate_tags("TestFlow", "1", add=[f"{name}-0"])
    for number in range(count):
        run = provider.mutate_tags("TestFlow", "1", remove=[f"{name}-{number}"], add=[f"{name}-{number + 1}"])
        if [tag for tag in run.tags if tag.startswith(f"{name}-")] != [f"{name}-{number + 1}"]:
            os._exit(3)
    provider.close()


def write_runs(kind: type[MetadataProvider], location: str, run_id: str, batches: int) -> None:
    """Be a launching process: create a run, then record its tasks in batches."""
    provider = kind.open(location)
    if not provider.create_run(a_run(run_id)):
        os._exit(3)
    for batch in range(batches):
        provider.write(some_tasks(10, run_id=run_id, first=1 + 10 * batch))
        provider.heartbeat("TestFlow", run_id, 2000.0 + batch)
    provider.close()


def take_run_ids(kind: type[MetadataProvider], location: str, ids: list[str], report: str) -> None:
    """Try to create runs of all ids; writes those that were free to the file ``report``."""
    provider = kind.open(location)
    Path(report).write_text(" ".join(run_id for run_id in ids if provider.create_run(a_run(run_id))))
    provider.close()


def write_until_killed(kind: type[MetadataProvider], location: str, run_id: str, seconds: float) -> None:
    """Write transactions of BATCH tasks, one step each, and be killed with SIGKILL in the middle of it."""
    provider = kind.open(location)
    provider.create_run(a_run(run_id))
    _kill_after(seconds)
    number = 0
    while True:
        provider.write(some_tasks(BATCH, step=f"step{number}", run_id=run_id, first=1 + BATCH * number))
        number += 1


def _kill_after(seconds: float) -> None:
    import threading

    def kill() -> None:
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()
