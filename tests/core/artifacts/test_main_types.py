"""Types of the flow's file, which is the module __main__ of the processes that store them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from flowkit.artifacts.store import ArtifactStore
from flowkit.errors import ArtifactError

FLOW = """
import sys
from dataclasses import dataclass

@dataclass
class Config:
    size: int
    class Inner:
        value = 3

def helper():
    return Config(5)

if __name__ == "__main__":
    import numpy
    from flowkit.artifacts.store import ArtifactStore
    from flowkit.builtin.local_datastore import LocalDatastore
    from flowkit.model.artifact import Manifest
    store = ArtifactStore(LocalDatastore(sys.argv[1]), "F", main_file=__file__)
    value = {"config": Config(7), "inner": Config.Inner, "helper": helper, "array": numpy.arange(400_000), "n": 1,
             "text": ["line %d" % index for index in range(1000)], "bytes": bytearray(b"x" * 300_000)}
    entries = {"value": store.save("value", value), "config": store.save("config", Config(1))}
    store.write_manifest(Manifest("F", "1", "s", "1", 0, entries))
    loaded = store.load(entries["value"])
    assert loaded["config"] == Config(7) and loaded["inner"] is Config.Inner
"""


@pytest.fixture
def flow_file(tmp_path: Path, store: ArtifactStore) -> Path:
    path = tmp_path / "flow.py"
    path.write_text(FLOW)
    subprocess.run([sys.executable, str(path), store.datastore.root], check=True)
    return path


def test_a_type_of_main_is_found_in_the_module_given(flow_file: Path, store: ArtifactStore) -> None:
    manifest = store.read_manifest("F/runs/1/s/1/0.json")
    assert manifest.main_file == str(flow_file)
    assert manifest.artifacts["config"].type == "__main__.Config"
    module = ModuleType("flow_of_the_run")
    module.__file__ = str(flow_file)
    sys.modules[module.__name__] = module  # where dataclasses look for their module
    try:
        exec(compile(FLOW, str(flow_file), "exec"), module.__dict__)
        value = store.load(manifest.artifacts["value"], main_module=module)
        assert value["config"] == module.Config(7)
        assert value["inner"] is module.Config.Inner
        assert value["helper"] is module.helper
        assert value["array"].sum() == sum(range(400_000))
        assert value["text"][999] == "line 999"
        assert value["bytes"] == b"x" * 300_000
        value["array"][0] = 5
        del module.Config
        with pytest.raises(ArtifactError, match=r"'config'.*flow\.py has no 'Config'"):
            store.load(manifest.artifacts["config"], main_module=module, name="config")
    finally:
        del sys.modules[module.__name__]


def test_without_the_module_the_name_is_not_found(flow_file: Path, store: ArtifactStore) -> None:
    manifest = store.read_manifest("F/runs/1/s/1/0.json")
    with pytest.raises(ArtifactError, match=r"type __main__\.Config.*Can't get attribute 'Config'"):
        store.load(manifest.artifacts["config"])


def test_this_programs_own_main(store: ArtifactStore) -> None:
    entry = store.save("value", [1, 2])
    assert store.load(entry, main_module=sys.modules["__main__"]) == [1, 2]
