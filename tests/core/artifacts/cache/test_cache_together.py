"""Several processes fill, read, damage and empty one cache in any order: no reader gets wrong bytes."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from blake3 import blake3
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from flowkit.artifacts.cache import CachedDatastore, CacheFolder
from flowkit.artifacts.cache.folder import QUARANTINE_SECONDS
from flowkit.artifacts.layout import blob_key
from flowkit.model.artifact import BlobRef
from support.remote_like import RemoteLike

LIMIT = 64 * 1024
SIZES = (0, 10, 4000, 15_000, 31_000, LIMIT + 1)
WORKERS = 3
#: What the worst reader may see: a copy of each kind that was used just now.
_CONTENTS = [bytes([number]) * size for number, size in enumerate(SIZES * 3)]
_KEYS = [
    blob_key("F", BlobRef(blake3(content).hexdigest(), len(content), "raw", len(content))) for content in _CONTENTS
]


def _serve(pipe: Connection, remote: str, cache: str) -> None:
    """A process that reads what it is told to, at the time that it is told."""
    now = [0.0]
    store = CachedDatastore(RemoteLike(remote), CacheFolder(Path(cache), LIMIT, clock=lambda: now[0]))
    while (order := pipe.recv()) is not None:
        numbers, now[0] = order
        pipe.send([bytes(store.get_buffer(_KEYS[number], len(_CONTENTS[number]))) for number in numbers])


class _Machine(RuleBasedStateMachine):
    """Workers are asked several at once; what they answer is compared with what is stored."""

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.TemporaryDirectory(prefix="flowkit-cache-")
        self.cache = Path(self.home.name, "cache")
        remote = RemoteLike(str(Path(self.home.name, "remote")))
        remote.put_many(zip(_KEYS, ([content] for content in _CONTENTS), strict=True))
        self.now = 1000.0
        self.workers: list[tuple[Any, Connection]] = []

    @initialize()
    def start(self) -> None:
        """Start the processes."""
        context = multiprocessing.get_context("fork")
        for _ in range(WORKERS):
            here, there = context.Pipe()
            process = context.Process(target=_serve, args=(there, f"{self.home.name}/remote", str(self.cache)))
            process.start()
            there.close()
            self.workers.append((process, here))

    def teardown(self) -> None:
        for process, pipe in self.workers:
            pipe.send(None)
            process.join()
        self.home.cleanup()

    def files(self) -> list[Path]:
        return sorted(self.cache.glob("*/*")) if self.cache.exists() else []

    @rule(orders=st.lists(st.lists(st.integers(0, len(_KEYS) - 1), max_size=4), min_size=WORKERS, max_size=WORKERS))
    def read(self, orders: list[list[int]]) -> None:
        for numbers, (_, pipe) in zip(orders, self.workers, strict=True):
            pipe.send((numbers, self.now))
        for numbers, (_, pipe) in zip(orders, self.workers, strict=True):
            assert pipe.recv() == [_CONTENTS[number] for number in numbers]

    @rule(seconds=st.sampled_from([1, 9, 30, 4000]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule(which=st.integers(0), how=st.sampled_from(["flip", "cut", "empty", "remove", "swap"]))
    def damage(self, which: int, how: str) -> None:
        files = self.files()
        if not files:
            return
        file = files[which % len(files)]
        content = bytearray(file.read_bytes())
        if how == "flip" and content:
            content[which % len(content)] ^= 0xFF
            file.write_bytes(content)
        elif how == "cut":
            os.truncate(file, len(content) // 2)
        elif how == "empty":
            os.truncate(file, 0)
        elif how == "remove":
            file.unlink()
        else:
            os.replace(files[0], file)

    @rule()
    def lose_count(self) -> None:
        if self.cache.exists():
            (self.cache / "total").write_text("garbage")

    @rule()
    def settle(self) -> None:
        """Once nothing was used for a while, the next copy that is made leaves no more than there may be."""
        self.now += QUARANTINE_SECONDS + 1
        folder = CacheFolder(self.cache, LIMIT, clock=lambda: self.now)
        assert folder.add("ffprobe", memoryview(b"content"))
        assert sum(file.stat().st_size for file in self.files()) <= LIMIT
        assert folder.find("ffprobe") == b"content"

    @invariant()
    def nothing_is_half_written(self) -> None:
        assert not [file for file in self.files() if file.name.endswith(".tmp")]


def test_any_order_of_processes_gives_right_bytes() -> None:
    run_state_machine_as_test(
        _Machine,
        settings=settings(
            max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
