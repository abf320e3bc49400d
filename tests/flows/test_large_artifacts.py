"""Artifacts of gigabytes, saved and loaded, with little memory beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from support.project import Project

FLOW = """
    import hashlib
    import json
    import os

    from flowkit import FlowSpec, step

    KIND, SIZE = os.environ["KIND"], int(os.environ["SIZE"])


    def peak():
        return next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))


    def write(name, **values):
        with open(f"{name}.json", "w") as file:
            json.dump(values, file)


    def digest(value):
        view = value if isinstance(value, bytes) else memoryview(value).cast("B")
        found = hashlib.blake2b(usedforsecurity=False)
        step = 1 << 24
        for start in range(0, len(view), step):
            # A part of each piece: all of 4 GB takes long.
            found.update(view[start : start + 4096])
            found.update(view[min(start + step, len(view)) - 4096 : start + step])
        return found.hexdigest()


    class LargeFlow(FlowSpec):
        @step
        def start(self):
            import atexit

            if KIND == "random array":
                import numpy

                value = numpy.random.default_rng(7).random(SIZE // 8)
            elif KIND == "compressible array":
                import numpy

                value = numpy.arange(SIZE // 8)
                value //= 1000
            else:
                value = bytearray(SIZE)
                step = 1 << 20
                for start in range(0, SIZE, step):
                    value[start : start + step] = os.urandom(min(step, SIZE - start))
            self.value = value
            self.digest = digest(self.value)
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")
            atexit.register(lambda: write("saving", peak=peak()))
            self.next(self.end)

        @step
        def end(self):
            before = peak()
            assert len(self.value) in (SIZE, SIZE // 8)
            write("loading", excess=peak() - before, equal=digest(self.value) == self.digest)


    if __name__ == "__main__":
        LargeFlow()
"""
GB = 2**30
MB = 1000 * 1000


def need_room(size: int, folder: Path) -> None:
    """Skip the test where this machine has no memory or disk for it."""
    with open("/proc/meminfo") as file:
        available = next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable"))
    if available < 2 * size + GB:
        pytest.skip(f"{2 * size // GB + 1} GB of memory are needed and {available / GB:.1f} are there")
    free = shutil.disk_usage(folder).free
    if free < 2 * size:
        pytest.skip(f"{2 * size // GB} GB of disk are needed and {free / GB:.1f} are free")


@pytest.mark.parametrize("size", [64 * MB, pytest.param(4 * GB, marks=pytest.mark.long)], ids=["64 MB", "4 GB"])
@pytest.mark.parametrize("kind", ["random array", "compressible array", "bytearray"])
def test_a_large_artifact_is_saved_and_loaded(project: Project, kind: str, size: int) -> None:
    need_room(size, project.path)
    project.write("flow.py", FLOW)
    project.run("run", check=True, env={"KIND": kind, "SIZE": str(size)}, timeout=1200)
    saving, loading = (json.loads((project.path / f"{name}.json").read_text()) for name in ("saving", "loading"))
    shutil.rmtree(project.store)
    assert loading["equal"]
    assert saving["peak"] < size + 100 * MB
    if kind == "random array":
        # Mapped: only what is looked at is read.
        assert loading["excess"] < size // 4 + 100 * MB
