"""Saving needs no second copy of the data."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

SAVE = """
    import json, os, sys
    import numpy, pandas
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.builtin.local_datastore import LocalDatastore

    def status(name):
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name))

    store = ArtifactStore(LocalDatastore(sys.argv[1]), "F")
    store.save("warm-up", ["x" * 5000, numpy.zeros(2_000_000)])  # libraries that saving loads
    value = eval(sys.argv[2])
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    before = status("VmRSS")
    entry = store.save("value", value)
    extra = status("VmHWM") - before
    print(json.dumps({"extra": extra, "size": entry.size}))
"""
MEGABYTE = 1 << 20


def save(folder: Path, value: str) -> dict[str, int]:
    command = [sys.executable, "-c", textwrap.dedent(SAVE), str(folder / "root"), value]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    result: dict[str, int] = json.loads(done.stdout)
    return result


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc/self/clear_refs")
@pytest.mark.parametrize(
    "value",
    [
        "numpy.random.default_rng(1).random(40_000_000)",
        "numpy.zeros(40_000_000) + 1",
        "numpy.random.default_rng(1).integers(0, 100, 40_000_000)",
        "[numpy.random.default_rng(n).random(100_000) for n in range(400)]",
        "pandas.DataFrame({'a': numpy.random.default_rng(1).random(20_000_000), 'b': numpy.arange(20_000_000)})",
        "os.urandom(300_000_000)",
        "b'x' * 300_000_000",
        "'x' * 300_000_000",
        "'\u00e9' * 150_000_000",
    ],
)
def test_a_large_buffer(tmp_path: Path, value: str) -> None:
    result = save(tmp_path, value)
    assert result["size"] > 280_000_000
    assert result["extra"] < 100 * MEGABYTE


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc/self/clear_refs")
def test_an_object_of_many_small_parts(tmp_path: Path) -> None:
    count = 1_000_000
    result = save(tmp_path, f"[dict(n=i, t=os.urandom(150)) for i in range({count})]")
    assert result["size"] > 150_000_000
    parts = 3 * count
    assert result["extra"] < 40 * MEGABYTE + 50 * parts
